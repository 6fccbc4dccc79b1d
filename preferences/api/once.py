"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a request sent twice is carried out once."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from preferences import services
from preferences.api.door import answer
from preferences.api.segment import content
from preferences.errors import Malformed
from preferences.models import ApiKey

LONGEST_NAME = 255


def once(
    request: Request, key: ApiKey, body: Mapping[str, Any], work: Callable[[], Mapping[str, Any]]
) -> HttpResponse:
    """Carry out `work`, or give the answer that stands. Raises OtherBody (422), InFlight (409)."""
    name = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if name is None:
        return answer(work())
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Malformed(f"an Idempotency-Key has 1 to {LONGEST_NAME} characters")
    path = request.path.rstrip("/").encode()
    claimed = services.claim_request(key=key, name=name.strip(), body=path + b"\n" + content(body))
    if claimed.status is not None:
        return answer(claimed.answer, claimed.status, {"Idempotency-Replayed": "true"})
    try:
        result = work()
    except BaseException:
        services.release_request(claimed=claimed)
        raise
    services.settle_request(claimed=claimed, status=200, answer=result)
    return answer(result)
