"""Keeping the lists (who is out, suppressions) in step with the answers. Whoever marks systems calls this."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from preferences.models import ListEnd
from preferences.selectors import rules_now
from preferences.sql import insert_many, placeholders, uuid_in, uuid_out
from preferences.standings import Cell, Standings
from preferences.terms import ADDRESS_KINDS, IdentifierKind


class Listed(NamedTuple):
    """What a row says."""

    denied: bool
    reason: str = ""
    since: int = 0


ENDED = Listed(False)


@transaction.atomic(savepoint=False)
def refresh_standing(*, identifiers: Mapping[UUID, str], now: datetime) -> int:
    """Bring the lists up to date about these (by kind); returns how many rows differed and were written.

    Called in the transaction that raises `wanted`, after it did: a constant number of queries.
    """
    people = [pk for pk, kind in identifiers.items() if kind == IdentifierKind.HEED]
    addresses = [pk for pk, kind in identifiers.items() if kind in ADDRESS_KINDS]
    # Locked before anything is read, until the end: whoever writes later has read later, so that no older
    # answer replaces a newer one, and versions are committed in their order. No lock is taken after this one.
    end = _lock_end()
    rows = differing(people, addresses, now)
    if rows:
        _write(rows, end)
    return len(rows)


def differing(
    people: Collection[UUID], addresses: Collection[UUID], now: datetime
) -> list[tuple[UUID, Cell, Listed]]:
    """What the lists should say of these people and addresses, and do not."""
    rows = []
    kept = _kept([*people, *addresses])
    for subject, answers in Standings(people, addresses, rules_now(now)).answers():
        before = kept.get(subject, {})
        for cell, answer in answers.items():
            listed = Listed(True, answer.reason.value, answer.since) if answer.denied_by_someone else ENDED
            if listed != before.get(cell, ENDED):
                rows.append((subject, cell, listed))
    return rows


def _kept(subjects: Sequence[UUID]) -> dict[UUID, dict[Cell, Listed]]:
    kept: dict[UUID, dict[Cell, Listed]] = {}
    if not subjects:
        return kept
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_id, category, channel, denied, reason, since FROM preferences_standing"  # noqa: S608
            f" WHERE subject_id IN ({placeholders(len(subjects))})",
            [uuid_in(each) for each in subjects],
        )
        for subject, category, channel, *listed in cursor.fetchall():
            kept.setdefault(uuid_out(subject), {})[category, channel] = Listed(*listed)
    return kept


def _lock_end() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO preferences_listend AS e (id, version) VALUES (1, 0)"
            " ON CONFLICT (id) DO UPDATE SET version = e.version RETURNING version"
        )
        return int(cursor.fetchone()[0])


INSERT = (
    "INSERT INTO preferences_standing (subject_id, category, channel, denied, reason, since, version)",
    ("uuid", "text", "text", "bool", "text", "bigint", "bigint"),
)
OR_UPDATE = (
    "ON CONFLICT (subject_id, category, channel) DO UPDATE SET denied = excluded.denied,"
    " reason = excluded.reason, since = excluded.since, version = excluded.version"
)


def _write(rows: Sequence[tuple[UUID, Cell, Listed]], end: int) -> None:
    numbered = enumerate(rows, start=end + 1)
    values = [(uuid_in(subject), *cell, *listed, version) for version, (subject, cell, listed) in numbered]
    insert_many(*INSERT, values, OR_UPDATE)
    ListEnd.objects.update(version=end + len(rows))
