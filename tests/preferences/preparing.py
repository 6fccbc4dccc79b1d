"""Somebody who prepares a draft, and goes on with the one they have."""

from collections.abc import Mapping
from typing import Any

from preferences.models import Draft
from preferences.services import in_force, save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState


def prepared(
    kind: RevisionKind, key: str, body: Mapping[str, Any], author: str, reason: str = "tests"
) -> Draft:
    """Their draft, as it is after they saw it, or else what stands, and saved this."""
    own = Draft.objects.filter(kind=kind, key=key, author=author, state=RevisionState.DRAFT).first()
    seen = Shown.of(own, in_force(kind, key), author)
    return save_draft(kind=kind, key=key, body=body, author=author, reason=reason, seen=seen)
