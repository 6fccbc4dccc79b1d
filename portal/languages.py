"""Which language a page is in: what its reader switched to, else the person's own, else the browser's.

Only languages that staff said are reviewed are offered. Staff and programs are answered in English.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import (
    get_language,
    get_language_bidi,
    get_supported_language_variant,
    override,
)
from django.utils.translation.trans_real import parse_accept_lang_header

from portal import visits
from preferences.appearance import Appearance, appearance, appearance_or_as_shipped, held
from preferences.languages import ENGLISH

ENGLISH_ONLY = (  # or of no language at all
    "/admin/",
    "/v1/",
    "/inbound/",
    "/banner",
    "/look/",
    "/.well-known/",
    "/favicon.ico",
    "/healthz",
    "/readyz",
)
SWITCH = (
    "language"  # `?language=es` on any page, so that it needs no script, no form and no cookie from before
)
CHINESE = "zh-hans"
WIDE_MARK = re.compile("([。！？：](?:</strong>)?) +")


class Spoken:
    """Middleware: every page in its reader's language, and with the look that stands when it is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with held():
            if request.path.startswith(ENGLISH_ONLY):
                return self._in(ENGLISH, request)
            return self._in_readers(request, appearance_or_as_shipped())

    def _in_readers(self, request: HttpRequest, known: Appearance) -> HttpResponse:
        switched = _switched(request, known)
        response = self._in(switched or language_of(request, known), request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if switched:
            remember(response, switched)
        return response

    def _in(self, language: str, request: HttpRequest) -> HttpResponse:
        with override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _switched(request: HttpRequest, known: Appearance) -> str:
    return supported(request.GET.get(SWITCH, ""), known) if request.method in ("GET", "HEAD") else ""


def language_of(request: HttpRequest, known: Appearance) -> str:
    """The reader's language, one of ours. An explicit choice beats what we know, and that beats a browser."""
    return next(filter(None, (supported(code, known) for code in _wanted(request))), ENGLISH)


def _wanted(request: HttpRequest) -> Iterator[str]:
    """Language codes, from the one that counts most; looked up only as far as needed."""
    yield request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    yield visits.language(request)
    yield from _of_browser(request)


def _of_browser(request: HttpRequest) -> Iterable[str]:
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return (code for code, _ in asked if code != "*")


def supported(code: str, known: Appearance) -> str:
    """`zh-Hans-CN` -> zh-hans; empty for a language that we have no texts in, or none that were reviewed."""
    try:
        found = get_supported_language_variant(code.lower())
    except LookupError:
        return ""
    return found if known.is_reviewed(found) else ""


def remember(response: HttpResponse, language: str) -> None:
    """Until the browser is closed: the next person at a shared computer may read another language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def rendered(template: str, more: Mapping[str, object], request: HttpRequest | None = None) -> str:
    """A page in the house's frame, in its reader's language."""
    page = frame()
    html = render_to_string(template, {**page, **more}, request)
    return closed_up(html) if page["language"] == CHINESE else html


def closed_up(text: str) -> str:
    """Without the blank between two sentences after a Chinese mark, which has room enough in itself."""
    return WIDE_MARK.sub(r"\1", text)


def frame() -> dict[str, Any]:
    """What a page's frame says of itself: its language and direction, all that are offered, who we are."""
    known = appearance()
    language = get_language() or ENGLISH
    return {
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": known.languages,
        "organisation": known.organisation,
        "look": known,
        "help_lines": [
            (line, closed_up(f"{line.text} {line.whom(known.help_phone)}"))
            for line in known.help_from(language)
        ],
    }
