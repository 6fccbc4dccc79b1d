"""Every answer that is not a yes, as application/problem+json (RFC 9457): what is wrong, and what to do."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import MethodNotAllowed

from preferences.errors import Refused

REQUEST_ID = "heed.request_id"  # where the middleware leaves it, in the request's META

# code -> status and title; one that is not listed is a 400.
KINDS: dict[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "nobody_named": (400, "Nobody is named"),
    "unknown_category": (400, "There is no such category"),
    "unknown_channel": (400, "There is no such channel"),
    "no_key": (401, "A valid API key is needed"),
    "not_proved": (401, "It is not proved who is calling"),
    "forbidden": (403, "This key may not do that"),
    "not_found": (404, "There is no such thing here"),
    "method_not_allowed": (405, "This method is not allowed here"),
    "in_flight": (409, "The same request is being carried out"),
    "stale": (412, "Something else stands by now"),
    "forgotten": (410, "This person was forgotten"),
    "length_required": (411, "The length of the body must be known"),
    "too_large": (413, "The request is too large"),
    "wrong_content_type": (415, "The body must be JSON"),
    "other_body": (422, "This Idempotency-Key was used with another body"),
    "throttled": (429, "Too many requests"),
}


class Problem(Refused):
    """A refusal that comes from HTTP and not from the domain."""

    def __init__(
        self, code: str, message: str, *, headers: Mapping[str, str] | None = None, **details: object
    ) -> None:
        super().__init__(message, **details)
        self.code = code
        self.headers = dict(headers or {})


def document(refused: Refused) -> dict[str, Any]:
    """The problem as it is written, alone or as the result of one item of a batch."""
    status, title = KINDS.get(refused.code, (400, "The request cannot be carried out"))
    return {
        "type": f"urn:heed:problem:{refused.code}",
        "title": title,
        "status": status,
        "detail": refused.message,
        "code": refused.code,
        **refused.details,
    }


def handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The one place where an exception becomes an answer. None: a fault of ours, which Django reports."""
    refused = _refused(exc)
    if refused is None:
        return None
    problem = document(refused)
    request: HttpRequest = context["request"]
    if reference := request.META.get(REQUEST_ID):
        problem["instance"] = reference
    headers = refused.headers if isinstance(refused, Problem) else {}
    return HttpResponse(
        json.dumps(problem), "application/problem+json", status=problem["status"], headers=headers
    )


def _refused(exc: Exception) -> Refused | None:
    match exc:
        case Refused():
            return exc
        case MethodNotAllowed():
            allowed = str(exc.detail)
            return Problem("method_not_allowed", f"use {allowed}", headers={"Allow": allowed})
        case Http404():
            return Problem("not_found", "check the address")
        case PermissionDenied():
            return Problem("forbidden", "ask for a key with the scope that this needs")
    return None
