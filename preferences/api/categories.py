"""GET /v1/categories: what people decide about, as published, in the reader's language."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.request import Request

from preferences import catalogue
from preferences.api import schemas
from preferences.api.conditional import answer_unless_known
from preferences.api.door import Door
from preferences.api.operations import Operation
from preferences.catalogue import Category, Offer
from preferences.models import Revision
from preferences.terms import ANY, Scope

ENGLISH = "en"
READ = Operation(
    "The categories in force, in the language that is asked for",
    scopes=frozenset(Scope),
    query={"language": {"type": "string", "examples": ["es"]}},
    answer=schemas.pages(schemas.named("Category")),
    shown={
        "results": [
            {
                "category": "marketing_emails",
                "kind": "communication",
                "revision": 1,
                "language": "en",
                "name": "Marketing emails",
                "description": "News, events and offers from us.",
                "example": "“Join our healthy-heart class”",
                "how_often": "About once a month",
                "marketing": True,
                "required": False,
                "required_reason": "",
                "sensitive": False,
                "honours_signal": False,
                "retired": False,
                "channels": {
                    "email": {
                        "default": True,
                        "elsewhere": {"CA-ON": False, "CA-QC": False},
                        "an_opt_in_needs": "person",
                    }
                },
            }
        ],
        "next": None,
    },
    etag=True,
)


class Categories(Door):
    """Every category that was ever published, in the order in which people see them. Any key may ask."""

    operations = {"GET": READ}

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
