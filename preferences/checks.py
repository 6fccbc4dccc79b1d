"""This room's system check: the database itself must guard the ledger."""

from collections.abc import Iterable, Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from preferences import triggers

GUARDED_SINCE = ("preferences", "0002_guard_the_ledger_and_seed_categories")
REMEDY = (
    "Put them back with `manage.py shell -c 'from preferences import triggers; triggers.install()'`, then "
    "prove with `manage.py verify_ledger` that nothing was changed meanwhile. A migration that alters a "
    "guarded table must call triggers.install: SQLite remakes the table and drops them silently."
)


@register(Tags.database)
def ledger_guarded(
    app_configs: Sequence[AppConfig] | None = None, databases: Iterable[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """heed.E004: without its triggers the ledger could be altered and nobody would notice."""
    missing = [name for alias in databases or () for name in _missing(alias)]
    if not missing:
        return []
    return [Error(f"The ledger's triggers are missing: {', '.join(missing)}.", hint=REMEDY, id="heed.E004")]


def _missing(alias: str) -> list[str]:
    """None before the migration that brings them has run: `migrate` itself is checked first."""
    connection = connections[alias]
    if GUARDED_SINCE not in MigrationRecorder(connection).applied_migrations():
        return []
    return triggers.missing(connection)
