"""GET /v1/categories: what people decide about, as published, in the reader's language."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.request import Request

from preferences import catalogue
from preferences.api.conditional import answer_unless_known
from preferences.api.door import Door
from preferences.catalogue import Category, Offer
from preferences.models import Revision
from preferences.terms import ANY, Scope

ENGLISH = "en"


class Categories(Door):
    """Every category that was ever published, in the order in which people see them. Any key may ask."""

    scopes = frozenset(Scope)

    def get(self, request: Request) -> HttpResponse:
        wished = tuple(_wished(request))
        known = catalogue.catalogue()
        numbers = dict(
            Revision.objects.filter(id__in=[each.revision for each in known]).values_list("id", "number")
        )
        results = [_described(each, numbers[each.revision], wished) for each in known]
        return answer_unless_known(
            self, {"results": results, "next": None}, {"Vary": "Accept-Language, Authorization"}
        )


def _wished(request: Request) -> Iterator[str]:
    """The languages that the caller reads, best first: `language` in the query before Accept-Language."""
    asked = request.query_params.get("language")
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    for tag in [asked] if asked else [each for each, _ in parse_accept_lang_header(header)]:
        yield from (tag.lower(), tag.lower().partition("-")[0])


def _described(category: Category, number: int, wished: tuple[str, ...]) -> dict[str, Any]:
    language = next((each for each in wished if each in category.texts), ENGLISH)
    texts = category.in_(language)
    return {
        "category": category.slug,
        "kind": category.kind.value,
        "revision": number,
        "language": language,
        "name": texts.name,
        "description": texts.description,
        "example": texts.example,
        "how_often": texts.how_often,
        "marketing": category.marketing,
        "required": category.required,
        "required_reason": texts.required_reason,
        "sensitive": category.sensitive,
        "honours_signal": category.honours_signal,
        "retired": category.retired,
        "channels": {
            offer.channel or ANY: _offer(offer) for offer in category.offers.values() if not offer.removed
        },
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "default": offer.default,
        "elsewhere": dict(offer.elsewhere),
        "an_opt_in_needs": offer.needs.value,
    }
