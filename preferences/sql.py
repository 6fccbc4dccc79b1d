"""Where SQLite and PostgreSQL differ in hand-written SQL, so that nothing else has to know."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection


def uuid_in(value: UUID) -> Any:
    """A UUID as a parameter."""
    return value if connection.features.has_native_uuid_field else value.hex


def uuid_out(value: Any) -> UUID:
    """A UUID as it was read."""
    return value if isinstance(value, UUID) else UUID(value)


def time_in(value: datetime) -> Any:
    """An instant as a parameter."""
    return connection.ops.adapt_datetimefield_value(value)


def for_update(of: str = "", *, skip_locked: bool = False) -> str:
    """The locking clause; SQLite needs none, its transactions take the only write lock at their start.

    NO KEY: rows that merely point here (a propagation, a view) are written meanwhile; nobody waits in a ring.
    """
    if not connection.features.has_select_for_update:
        return ""
    return " FOR NO KEY UPDATE" + (f" OF {of}" if of else "") + (" SKIP LOCKED" if skip_locked else "")


def one_writer(table: str) -> None:
    """Until this transaction ends nobody else adds to the table, so that ids are committed in their order."""
    _lock(table, "SHARE ROW EXCLUSIVE")


def nobody_else_writes(table: str) -> None:
    """Whoever writes to the table or locks its rows is waited for, then waits for us; all may read."""
    _lock(table, "EXCLUSIVE")


def _lock(table: str, mode: str) -> None:
    """SQLite needs none: its transactions take the only write lock at their start."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN {mode} MODE")


def any_of(values: Sequence[Any]) -> tuple[str, list[Any]]:
    """`= ANY(…)` or `IN (…)` with its parameters: one statement for any number where there are arrays."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", [list(values)]
    return f"IN ({placeholders(len(values))})", list(values)


def placeholders(count: int) -> str:
    return ", ".join(["%s"] * count)


def insert_many(insert: str, types: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str) -> None:
    """One INSERT of many rows; as arrays where the database takes those, which it reads in half the time."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = ", ".join(f"%s::{each}[]" for each in types)
            arrays = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"{insert} SELECT * FROM unnest({columns}) {conflict}", arrays)  # noqa: S608
        else:
            cursor.executemany(
                f"{insert} VALUES ({placeholders(len(types))}) {conflict}", _as_text(rows, types)
            )


def _as_text(rows: Sequence[Sequence[Any]], types: Sequence[str]) -> list[tuple[Any, ...]]:
    """UUIDs and instants as SQLite keeps them, column by column."""
    columns = [_texts(column, kind) for column, kind in zip(zip(*rows, strict=True), types, strict=True)]
    return list(zip(*columns, strict=True))


def _texts(column: Sequence[Any], kind: str) -> Sequence[Any]:
    if kind == "uuid":
        return [each.hex if isinstance(each, UUID) else each for each in column]
    if kind == "timestamptz":
        return [_naive(each) if isinstance(each, datetime) else each for each in column]
    return column


def _naive(moment: datetime) -> str:
    """As `time_in`, whose settings and checks cost as much as keeping the row."""
    return str(moment.astimezone(UTC)).removesuffix("+00:00")
