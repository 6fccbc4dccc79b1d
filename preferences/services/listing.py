"""Keeping the lists (who is out, suppressions) in step with the answers. Whoever marks systems calls this."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from preferences import clock, ledger, slots
from preferences.models import ListEnd
from preferences.sql import insert_many, uuid_in
from preferences.standings import Cell, Listed, differing
from preferences.terms import ANY, SubjectKind


@transaction.atomic(savepoint=False)
def refresh_standing(*, identifiers: Mapping[UUID, str], now: datetime) -> int:
    """Bring the lists up to date about these (by kind); returns how many rows differed and were written.

    Called in the transaction that raises `wanted`, after it did: a constant number of queries.
    """
    # Locked before anything is read, until the end: whoever writes later has read later, so that no older
    # answer replaces a newer one, and versions are committed in their order. No lock is taken after this one.
    end = _lock_end()
    rows = differing(identifiers, now)
    if rows:
        _write(rows, end)
    return len(rows)


@transaction.atomic
def rebuild_standing() -> None:
    """Have everybody looked at again, in the background: the lists, and every system with them."""
    ledger.hand_over([(SubjectKind.CATEGORY, ANY)], clock.now(), denies=True)
    transaction.on_commit(slots.on_outbox, robust=True)


def _lock_end() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO preferences_listend AS e (id, version) VALUES (1, 0)"
            " ON CONFLICT (id) DO UPDATE SET version = e.version RETURNING version"
        )
        return int(cursor.fetchone()[0])


INSERT = (
    "INSERT INTO preferences_standing (subject_id, category, channel, denied, reason, whose, since, version)",
    ("uuid", "text", "text", "bool", "text", "text", "bigint", "bigint"),
)
OR_UPDATE = (
    "ON CONFLICT (subject_id, category, channel) DO UPDATE SET denied = excluded.denied,"
    " reason = excluded.reason, whose = excluded.whose, since = excluded.since, version = excluded.version"
)


def _write(rows: Sequence[tuple[UUID, Cell, Listed]], end: int) -> None:
    numbered = enumerate(rows, start=end + 1)
    values = [(uuid_in(subject), *cell, *listed, version) for version, (subject, cell, listed) in numbered]
    insert_many(*INSERT, values, OR_UPDATE)
    ListEnd.objects.update(version=end + len(rows))
