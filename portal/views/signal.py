"""Saying that the privacy signal is honoured here."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

SINCE = "2026-11-26"


@require_safe
def support(request: HttpRequest) -> JsonResponse:
    """The support resource of Global Privacy Control (https://www.w3.org/TR/gpc/, section 4)."""
    return JsonResponse({"gpc": True, "lastUpdate": SINCE})
