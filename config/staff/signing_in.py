"""Signing in to the staff site, and how often somebody may guess a password.

Whoever has tried too often reads the same whether the password was right or wrong, so that guessing on
tells nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from portal.evidence import network
from preferences import limits

WINDOW = 15 * 60  # seconds
FROM_ONE_PLACE, FROM_ANYWHERE = 10, 100  # for one name; and, of any names, from one network
TOO_MANY = "Too many wrong passwords. Wait a quarter of an hour, then try again."


class SignIn(AuthenticationForm):
    """Name and password. A name that is guessed at from elsewhere is not closed to whoever bears it."""

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError where they are wrong, or were wrong too often."""
        allowed = _allowed(str(self.cleaned_data.get("username", "")), cast(HttpRequest, self.request))
        counts = {name: limits.counted(name, WINDOW) for name in allowed}  # before the password is looked at
        if any(counts[name] > most for name, most in allowed.items()):
            raise ValidationError(TOO_MANY, code="too_many")
        cleaned = cast(dict[str, Any], super().clean())
        for name in allowed:
            limits.uncounted(name, WINDOW)
        return cleaned


def _allowed(username: str, request: HttpRequest) -> Mapping[str, int]:
    place, who = network(request), hashlib.sha256(username.strip().casefold().encode()).hexdigest()
    return {
        f"sign-in:{who}:{place}": FROM_ONE_PLACE,
        f"sign-in:{who}": FROM_ANYWHERE,
        f"sign-in::{place}": FROM_ANYWHERE,
    }
