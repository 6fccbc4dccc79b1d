"""The organisation's colours and logo: each under the digest of its publication, so kept for good."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.colours import stylesheet
from preferences.appearance import branding_of

FOR_GOOD = {"public": True, "max_age": 31_536_000, "immutable": True}


@require_safe
@cache_control(**FOR_GOOD)
def colours(request: HttpRequest, digest: str) -> HttpResponse:
    """The tokens that the organisation's accents give."""
    accent = _known(digest).get("accent")
    if not accent:
        raise Http404
    return HttpResponse(stylesheet(accent["light"], accent["dark"]), content_type="text/css")


@csp_replace({"default-src": ["'none'"], "img-src": ["'none'"], "sandbox": []})  # type: ignore[arg-type]
@require_safe
@cache_control(**FOR_GOOD)
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """As it was uploaded and checked. Opened by itself, it may still do nothing."""
    kept = _known(digest).get("logo")
    if not kept:
        raise Http404
    response = HttpResponse(b64decode(kept["content"]), content_type=kept["type"])
    response.headers["Content-Disposition"] = 'inline; filename="logo"'
    return response


def _known(digest: str) -> Mapping[str, Any]:
    found = branding_of(digest)
    if found is None:
        raise Http404
    return found
