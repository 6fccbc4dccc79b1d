"""Taking back the last save: its entries are voided, and what stood before stands again (R15).

Nothing new is said for the person: where nobody had asked them, nobody has asked them afterwards either.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from portal.represented import narrowed, represented
from portal.selectors import said_in, see
from portal.services import said_on_page
from preferences import services
from preferences.catalogue import Catalogue, Category
from preferences.errors import Malformed, NotFound
from preferences.models import Change
from preferences.services.recording import lock_profiles
from preferences.terms import Actor, State, Verified

REASON = "Taken back on the page, right after it was saved"


def gives(changes: Iterable[Change]) -> bool:
    """Could taking these back turn something on? That takes a code; a pause is ended without one."""
    return any(each.get("state") == State.OUT for each in said_in(changes))


def asked_twice(changes: Iterable[Change], catalogue: Catalogue) -> list[Category]:
    """The uses of data that were refused in these: each may go on only after a second step (11 CCR 7028)."""
    refused = {each["category"] for each in said_in(changes) if each.get("state") == State.OUT}
    return [each for each in catalogue if each.is_data_use and each.slug in refused]


@transaction.atomic
def undo(
    *,
    profile_id: UUID,
    changes: Sequence[Change],
    evidence: Mapping[str, Any],
    now: datetime,
    reached_at: UUID | None,
    by_code: bool,
    proxy_id: UUID | None,
) -> tuple[int, ...]:
    """Void these entries; what was said elsewhere since then stands. Returns what was written.

    Raises NotFound where the person is gone, or where `proxy_id` may not choose about all of it any more.
    """
    person = lock_profiles([profile_id])[profile_id].id
    if proxy_id:
        _check_covered(changes, person, proxy_id, now)
    who = (Actor.PROXY, str(proxy_id)) if proxy_id else (Actor.PERSON, "")
    said = said_on_page(evidence, now, *who)
    written = []
    for change in changes:
        try:
            written.append(services.void(change_id=change.pk, said=said, reason=REASON))
        except Malformed:  # void already: pressed twice
            continue
    if written and reached_at and not proxy_id:
        # That they were reached there was part of the entry, and was no mistake.
        how = Verified.CODE if by_code else Verified.LINK
        services.reached(profile_id=person, address_id=reached_at, how=how, said=said)
    return tuple(written)


def _check_covered(changes: Iterable[Change], person: UUID, proxy_id: UUID, now: datetime) -> None:
    grant = represented(proxy_id, person, now)
    covered = narrowed(see(person, now), grant.categories).catalogue.by_slug if grant else {}
    if any(each["category"] not in covered for each in said_in(changes)):
        raise NotFound("the grant does not cover this any more")
