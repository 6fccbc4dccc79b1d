"""One banner: what stands, its drafts and languages, how it comes onto a site, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from config.staff.access import actor, may, needs, show
from config.staff.banners.reading import Work, open_drafts, work_on
from config.staff.permissions import ADD_KEYS, CHANGE_BANNERS, SEE_BANNERS
from config.staff.words import refusal
from portal.banner.regions import by_strictness
from portal.banner.saying import SITE, granted_words, region_words, site_words
from portal.banner.services import website_key
from portal.banner.terms import SIGNALS, Mode
from portal.banner.wording import missing_in
from preferences.appearance import appearance
from preferences.errors import Refused
from preferences.languages import language_name
from preferences.models import ApiKey, Draft, Revision
from preferences.services import in_force, new_key_id
from preferences.terms import RevisionKind


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language of the banner: what of it is missing, and whether visitors are offered it."""

    code: str
    name: str
    is_offered: bool
    missing: int


@dataclass(frozen=True, slots=True)
class Holds:
    """What holds in one region."""

    name: str
    mode: str
    places: str


@dataclass(frozen=True, slots=True)
class BannerPage:
    """All that the page shows: of what stands, or else of a first draft."""

    work: Work
    regions: tuple[Holds, ...]
    facts: tuple[tuple[str, str], ...]
    signals: tuple[tuple[str, str], ...]
    languages: tuple[Spoken, ...]
    drafts: Sequence[Draft]
    revisions: Sequence[Revision]
    keys: Sequence[ApiKey]
    new_key: str
    script: str
    may: bool
    may_make_keys: bool


@require_safe
@needs(SEE_BANNERS)
def banner(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands."""
    own = work_on(request, slug)
    found = Work(slug, own.stands, None) if own.stands else own
    return show(request, "banners/banner", title=found.name, page=_page(request, found))


def _page(request: HttpRequest, found: Work) -> BannerPage:
    body, same = found.body, {"kind": RevisionKind.BANNER, "key": found.slug}
    may_change = may(request, CHANGE_BANNERS)
    return BannerPage(
        found,
        tuple(
            Holds(region_words(name), Mode(each["mode"]).label, ", ".join(each["places"]))
            for name, each in by_strictness(body["regions"])
        ),
        tuple((words, site_words(name, body[name])) for name, words in SITE.items()),
        tuple((SIGNALS[name], granted_words(by)) for name, by in body["signals"].items()),
        spoken(body),
        open_drafts(found.slug),
        list(Revision.objects.filter(**same).defer("body").order_by("-number")[:50]),
        list(ApiKey.objects.filter(source__slug=found.slug, revoked_at=None).order_by("created_at")),
        new_key_id(),
        f"{settings.PUBLIC_URL}/banner.js",
        may_change,
        may_change and may(request, ADD_KEYS),
    )


def spoken(body: Mapping[str, Any]) -> tuple[Spoken, ...]:
    """Every language, English first."""
    known = appearance()
    return tuple(
        Spoken(code, language_name(code), known.is_reviewed(code), len(missing_in(body, code)))
        for code, _ in settings.LANGUAGES
    )


@require_POST
@needs(CHANGE_BANNERS)
def key(request: HttpRequest, slug: str) -> HttpResponse:
    """A key for its sites, and the line to put into their pages: shown this once."""
    if not may(request, ADD_KEYS):
        return show(request, "refused", title="Not for your account", page="make API keys", status=403)
    stands = in_force(RevisionKind.BANNER, slug)
    if stands is None:
        raise Http404
    name, key_id = stands.body["name"], request.POST.get("new", "")
    try:
        issued = website_key(slug=slug, name=name, by=actor(request), key_id=key_id)
    except Refused as refused:
        messages.error(request, refusal(refused))
        return redirect("admin:banner", slug)
    page = {"slug": slug, "secret": issued.secret, "script": f"{settings.PUBLIC_URL}/banner.js"}
    return show(request, "banners/key", title="Put it on your site", page=page)
