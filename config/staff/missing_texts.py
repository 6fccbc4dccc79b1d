"""What people still read in English though they read another language, and where it is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from config.staff.access import needs, show
from config.staff.permissions import SEE_CATEGORIES
from destinations.models import Destination
from portal.banner.wording import IN_WORDS as BANNER_WORDS
from portal.banner.wording import missing_in
from preferences.appearance import offered
from preferences.catalogue import Category, catalogue
from preferences.languages import ENGLISH, IN_WORDS, language_name, missing
from preferences.models import Banner


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that people read, what of it is missing in one language, and where staff write it."""

    name: str
    what: str
    language: str
    texts: str
    write: str


@require_safe
@needs(SEE_CATEGORIES)
def missing_texts(request: HttpRequest) -> HttpResponse:
    """All of them, whatever they are texts of."""
    rows = [*_categories(), *_systems(), *_banners()]
    return show(request, "missing_texts", title="Missing texts", page=rows)


def _categories() -> Iterator[Missing]:
    """Those in use: nobody reads a retired one."""
    for category in catalogue():
        if not category.retired:
            yield from _of(category)


def _of(category: Category) -> Iterator[Missing]:
    for language, names in missing(category.texts, offered()).items():
        yield Missing(
            name=category.in_(ENGLISH).name,
            what="Category",
            language=language_name(language),
            texts=", ".join(IN_WORDS[name] for name in names),
            write=reverse("admin:preferences_category_change", args=[category.revision]),
        )


def _banners() -> Iterator[Missing]:
    """What staff wrote of a website's banner in English only."""
    for banner in Banner.objects.order_by("key"):
        for language in offered():
            if lacking := missing_in(banner.body, language):
                yield Missing(
                    name=str(banner),
                    what="Website banner",
                    language=language_name(language),
                    texts=", ".join(BANNER_WORDS[name].lower() for _, name in lacking),
                    write=reverse("admin:banner_texts", args=[banner.key, language]),
                )


def _systems() -> Iterator[Missing]:
    """Patients read each system's label after saving."""
    for system in Destination.objects.order_by("name"):
        for language in offered():
            if language == system.label_in(language).language:
                continue
            yield Missing(
                name=system.name,
                what="System",
                language=language_name(language),
                texts="public label",
                write=reverse("admin:destinations_destination_change", args=[system.pk]),
            )
