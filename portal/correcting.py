"""What a person says about their own addresses, once a code has shown it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.services import SOURCE
from portal.visits import Visit
from portal.wording import language
from preferences import services
from preferences.models import Source
from preferences.services import Said
from preferences.terms import Actor


def correct(
    *, visit: Visit, new: UUID | None, old: UUID | None, evidence: Mapping[str, Any], now: datetime
) -> int | None:
    """`new` is theirs, `old` no longer. Raises Forbidden under an order, and without authority."""
    return services.correct_address(
        profile_id=visit.profile_id,
        new=new,
        old=old,
        said=said_here(evidence, now),
        proxy_id=visit.proxy_id,
    )


def said_here(evidence: Mapping[str, Any], now: datetime) -> Said:
    """What the person said on a page of theirs that is no form of choices."""
    return Said(
        source=Source.objects.get(slug=SOURCE),
        by=Actor.PERSON,
        occurred=now,
        evidence={**evidence, "language": language()},
    )
