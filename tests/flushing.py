"""What Django does to the test database that the ledger would refuse."""

from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase

from governance.allowed import event_as, events_at
from governance.policy import compiled
from governance.services.seeing import GATHERED
from preferences import triggers
from preferences.catalogue import catalogue_at

seeds = import_module("preferences.migrations.0002_guard_the_ledger_and_seed_categories")
rules = import_module("destinations.migrations.0006_deadline_rules")
policy = import_module("governance.migrations.0002_policy")


@pytest.fixture(scope="session", autouse=True)
def guarded_ledger() -> Iterator[None]:
    """The ledger's triggers refuse what Django's flush does after a test with real commits.

    So they are taken off around the flush, and then put back; and what the migrations had put there is put
    there again. `test_the_triggers_are_on` proves it.
    """
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def flush_and_seed(case: TransactionTestCase) -> None:
        with triggers.lifted():
            flush(case)
            seeds.seed(apps, SimpleNamespace(connection=connection))
            rules.seed(apps, SimpleNamespace(connection=connection))
            policy.seed(apps, SimpleNamespace(connection=connection))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_and_seed)
        yield


@pytest.fixture(autouse=True)
def catalogue_as_published() -> None:
    """A rolled-back test gives its revisions' numbers to the next one, with other content."""
    for each in (catalogue_at, events_at, event_as, compiled):
        each.cache_clear()
    GATHERED.clear()
