"""What a connector calls, and what comes back."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from destinations.contract.held import Held


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `base` replaces the destination's base URL (a token service, a sign-in's answer)."""

    method: str
    path: str
    json: Any = None
    form: Mapping[str, str] | None = None
    body: bytes | None = None
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    # By Wanted id, for everyone whom the call is about. Read where the answer is lost: what is then known of
    # targets, this write included.
    claims: Mapping[str, Mapping[str, "Held"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. A call that got no answer never reaches the connector."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The parsed body, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def retry_after(self, now: datetime) -> float | None:
        """Seconds to wait (RFC 9110, section 10.2.3: seconds or a date); None where it is not said."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdigit():
            return float(value)
        try:
            return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
        except (TypeError, ValueError):
            return None


def is_one_of(call: Call, patterns: Sequence[str]) -> bool:
    """Is it one of these calls, `METHOD /path/*`?"""
    path = call.path.partition("?")[0]
    return any(_pattern(each).fullmatch(f"{call.method} {path}") for each in patterns)


@lru_cache(maxsize=256)
def _pattern(declared: str) -> re.Pattern[str]:
    """`*` stands for one segment of a path, never for a slash."""
    return re.compile("[^/]+".join(re.escape(part) for part in declared.split("*")))
