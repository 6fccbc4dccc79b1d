"""Which language a page is in: what its reader switched to, else the person's own, else the browser's.

Staff and programs are answered in English.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import (
    get_language,
    get_language_from_request,
    get_supported_language_variant,
    override,
)

from portal import visits

ENGLISH_ONLY = ("/admin/", "/v1/", "/inbound/")
SWITCH = (
    "language"  # `?language=es` on any page, so that it needs no script, no form and no cookie from before
)


class Spoken:
    """Middleware: every page in its reader's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ENGLISH_ONLY):
            return self._in("en", request)
        switched = supported(request.GET.get(SWITCH, "")) if request.method in ("GET", "HEAD") else ""
        response = self._in(switched or language_of(request), request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if switched:
            remember(response, switched)
        return response

    def _in(self, language: str, request: HttpRequest) -> HttpResponse:
        with override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def language_of(request: HttpRequest) -> str:
    """The reader's language, one of ours. An explicit choice beats what we know, and that beats a browser."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return supported(chosen) or supported(visits.language(request)) or get_language_from_request(request)


def supported(code: str) -> str:
    """`es-MX` -> es; empty for a language that we have no texts in."""
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return ""


def remember(response: HttpResponse, language: str) -> None:
    """Until the browser is closed: the next person at a shared computer may read another language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def switch() -> dict[str, Any]:
    """What a page's frame says of languages: its own, and all there are, each in its own words."""
    return {"language": get_language(), "languages": settings.LANGUAGES}
