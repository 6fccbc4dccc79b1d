"""The database itself refuses to change what is only added to. Migrations call `install` after they touch it.

SQLite remakes a table on most alterations and drops its triggers silently; system check heed.E004 notices.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default_connection

GUARDED = ("preferences_change", "preferences_revision", "preferences_viewlog")
REFUSAL = "rows of this table are only ever added"


def install(connection: Any = default_connection) -> None:
    """Put the triggers on; harmless where they stand."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def remove(connection: Any = default_connection) -> None:
    """Take the triggers off: for flushing a test database, and for nothing else."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            for act in _acts(connection.vendor):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act.lower()}{on}")


@contextmanager
def lifted(connection: Any = default_connection) -> Iterator[None]:
    """The triggers are off inside, and on again after."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def missing(connection: Any = default_connection) -> list[str]:
    """The names of triggers that should stand and do not."""
    expected = {f"{table}_no_{act.lower()}" for table in GUARDED for act in _acts(connection.vendor)}
    catalogue = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return sorted(expected - {row[0] for row in cursor.fetchall()})


def _acts(vendor: str) -> tuple[str, ...]:
    return ("UPDATE", "DELETE", "TRUNCATE") if vendor == "postgresql" else ("UPDATE", "DELETE")


def _statements(vendor: str, table: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION heed_only_added() RETURNS trigger AS $$"
            f" BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END; $$"
            " LANGUAGE plpgsql"
        )
    for act in _acts(vendor):
        name = f"{table}_no_{act.lower()}"
        if vendor == "postgresql":
            each = "STATEMENT" if act == "TRUNCATE" else "ROW"
            yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
            yield (
                f"CREATE TRIGGER {name} BEFORE {act} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION heed_only_added()"
            )
        else:
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
