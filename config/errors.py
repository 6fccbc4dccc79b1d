"""What Heed answers when it can't: a plain page for people, and problem+json (RFC 9457) under /v1/."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.logs import request_id
from portal import languages, visits

PROGRAMS = ("/v1/", "/inbound/", "/banner")
TITLES = {400: "Bad request", 403: "Forbidden", 404: "Not found", 500: "Something went wrong"}
CODES = {400: "malformed", 403: "forbidden", 404: "not_found", 500: "failed"}


def _answer(request: HttpRequest, status: int, page: str = "") -> HttpResponse:
    if request.path.startswith("/v1/"):
        return _problem(status)
    context = {
        "reference": request_id.get(),
        # No {% static %}: an error page must not fail for want of a manifest.
        "stylesheets": [f"{settings.STATIC_URL}heed/{each}.css" for each in ("tokens", "base", "portal")],
    }
    return HttpResponse(languages.rendered(f"{page or status}.html", context), status=status)


def _problem(status: int) -> JsonResponse:
    code = CODES[status]
    body = {
        "type": f"urn:heed:problem:{code}",
        "title": TITLES[status],
        "status": status,
        "detail": "see /v1 in the documentation of the API for what there is",
        "code": code,
        "instance": request_id.get(),
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


class Worded:
    """Middleware: whoever opens a page in a way that it is not made for gets words, no empty page (405)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content or request.path.startswith(PROGRAMS):
            return response
        response.content = _answer(request, 405).content
        response.headers.pop("Content-Length", None)  # of nothing
        return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where a form is larger than any of ours."""
    too_large = isinstance(exception, RequestDataTooBig) and not request.path.startswith(PROGRAMS)
    return _answer(request, 413 if too_large else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answer(request, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came without the cookie it belongs to, as a rule because that is gone by now.

    409 where it belongs to a page that was open before: turning to another person's gives new ones.
    """
    if reason.endswith("incorrect.") and request.path.startswith("/p") and visits.is_open(request):
        return _answer(request, 409)
    return _answer(request, 403, "403_csrf")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _answer(request, 500)
