"""Who stands behind an address: its holders, and former ones until somebody else was verified there."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

Row = tuple[UUID, datetime | None, datetime | None]  # person, until, verified


def standing_holders(rows: Sequence[Row]) -> dict[UUID, bool]:
    """Per person: holds it now (True), or is a former holder whose no still counts there (False)."""
    current = {person for person, until, _ in rows if until is None}
    left: dict[UUID, datetime] = {}
    for person, until, _ in rows:
        if until is not None and person not in current:
            left[person] = max(until, left.get(person, until))
    found = dict.fromkeys(current, True)
    for person, until in left.items():
        others = (verified for other, _, verified in rows if other != person)
        if not any(verified is not None and verified > until for verified in others):
            found[person] = False
    return found
