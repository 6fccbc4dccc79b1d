"""Who is calling: the key in a header or in the body, what it may do, and how often."""

import base64
import re
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from preferences import limits, services
from preferences.api.problems import Problem
from preferences.errors import Forbidden
from preferences.models import ApiKey
from preferences.terms import Scope

KEY = re.compile(r"heed_[a-z0-9]{8}_[A-Za-z0-9_-]{20,100}")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Heed"'}
HOW = "send a valid key: Authorization: Bearer <key>, or HTTP Basic with the key as user name, or writeKey"


def no_key() -> Problem:
    return Problem("no_key", HOW, headers=CHALLENGE)


def secret_in_header(request: HttpRequest) -> str | None:
    """What the caller shows as a key; None where there is no such header. Raises Problem (401)."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if not header:
        return None
    scheme, _, credentials = header.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return str(credentials.strip())
        case "basic":
            try:
                return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
            except ValueError:
                raise no_key() from None
    raise no_key()


def key_with(secret: object, scopes: Collection[Scope]) -> ApiKey:
    """The key that this is, if it has one of these scopes. Raises Problem (401), Forbidden."""
    key = services.key_for(secret) if isinstance(secret, str) and KEY.fullmatch(secret) else None
    if key is None:
        raise no_key()
    if not any(scope.value in key.scopes for scope in scopes):
        wanted = " or ".join(sorted(scope.value for scope in scopes))
        raise Forbidden(f"this key lacks the scope {wanted}: ask for one that has it")
    return key


class KeyThrottle(SimpleRateThrottle):
    """So many requests a minute for each key, counted in windows: a number in the cache, no list of times."""

    def get_rate(self) -> str:
        return str(settings.API_THROTTLE)

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count one request; `headers` then say what is left (draft-ietf-httpapi-ratelimit-headers)."""
        limit, seconds = self.parse_rate(self.get_rate())
        limit, seconds = limit or 1, seconds or 60
        count = limits.counted(f"throttle:{view.key.pk}", seconds)
        self.ends_in = limits.ends_in(seconds)
        left = max(0, limit - count)
        self.headers = {
            "RateLimit-Policy": f'"default";q={limit};w={seconds}',
            "RateLimit": f'"default";r={left};t={self.ends_in}',
        }
        return count <= limit

    def check(self, request: Any, view: Any) -> dict[str, str]:
        """The headers that tell a caller what is left. Raises Problem (429)."""
        if not self.allow_request(request, view):
            raise Problem(
                "throttled",
                f"wait {self.ends_in} seconds",
                headers={"Retry-After": str(self.ends_in), **self.headers},
            )
        return self.headers
