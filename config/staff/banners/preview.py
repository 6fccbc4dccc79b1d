"""How a banner looks, before anybody else sees it: the script itself, on a page of its own, by the draft."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language_info
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from config.staff.access import needs, show
from config.staff.banners.reading import Work, work_on
from config.staff.permissions import SEE_BANNERS
from portal.banner.regions import by_strictness
from portal.banner.saying import region_words
from portal.banner.selectors import preview_config
from portal.banner.terms import EVERYWHERE
from preferences.languages import ENGLISH, language_name

# What the strictest of sites allow: what the banner can't do here it can't do there.
STRICT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types heed"
)
WIDTHS = (("phone", "Phone"), ("desktop", "Desktop"))
THEMES = (("light", "Light"), ("dark", "Dark"))


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked at, where, and what else could be. `query`: the same for the page in the frame."""

    slug: str
    draft: int | None
    region: str
    language: str
    theme: str
    width: str
    signal: bool
    regions: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    widths: tuple[tuple[str, str], ...] = WIDTHS
    themes: tuple[tuple[str, str], ...] = THEMES

    @property
    def query(self) -> str:
        asked = {"region": self.region, "language": self.language, "theme": self.theme}
        of = {"draft": self.draft or "none"}
        return urlencode({**of, **asked, **({"signal": "1"} if self.signal else {})})

    @property
    def direction(self) -> str:
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"


def looking(request: HttpRequest, found: Work) -> Looking:
    """What the address asks for; whatever else it says is the first there is."""
    regions = tuple((name, region_words(name)) for name, _ in by_strictness(found.body["regions"]))
    languages = tuple((code, language_name(code)) for code, _ in settings.LANGUAGES)

    def asked(name: str, of: tuple[tuple[str, str], ...], usual: str) -> str:
        given = request.GET.get(name, "")
        return given if given in dict(of) else usual

    return Looking(
        found.slug,
        found.draft.pk if found.draft else None,
        asked("region", regions, EVERYWHERE),
        asked("language", languages, ENGLISH),
        asked("theme", THEMES, "light"),
        asked("width", WIDTHS, "phone"),
        request.GET.get("signal") == "1",
        regions,
        languages,
    )


@require_safe
@needs(SEE_BANNERS)
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The page around it: where one says from where and in what one looks."""
    found = work_on(request, slug)
    page = {"work": found, "looking": looking(request, found)}
    return show(request, "banners/preview", title=f"{found.name}, as visitors see it", page=page)


@xframe_options_sameorigin
@require_safe
@needs(SEE_BANNERS)
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A website that wears it, under a strict policy."""
    seen = looking(request, work_on(request, slug))
    response = render(request, "staff/banners/page.html", {"looking": seen})
    response.headers["Content-Security-Policy"] = STRICT
    return response


@require_safe
@needs(SEE_BANNERS)
def config(request: HttpRequest, slug: str) -> HttpResponse:
    """What the script would be told."""
    found = work_on(request, slug)
    seen = looking(request, found)
    told = preview_config(
        found.body, key=slug, region=seen.region, language=seen.language, theme=seen.theme, signal=seen.signal
    )
    response = JsonResponse(told)
    response.headers["Cache-Control"] = "no-store"
    return response
