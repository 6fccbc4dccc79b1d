"""/healthz says that the process answers, /readyz that Heed can keep what it is told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config import health, wiring

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def well(monkeypatch):
    """Everything is as it should be."""
    monkeypatch.setattr(wiring, "missing_triggers", list)
    monkeypatch.setattr(wiring, "last_heartbeat", timezone.now)


def test_the_process_answers_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.json() == {"status": "ok"}


def test_it_is_ready_when_all_is_well(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert set(answer.json()["checks"]) == {"database", "migrations", "ledger", "worker"}
    assert "no-cache" in answer.headers["Cache-Control"]


def test_it_is_not_ready_without_its_database(client, monkeypatch):
    def refuse():
        raise DatabaseError("could not connect to heed:s3cret@db")

    monkeypatch.setitem(health.NEEDED, "database", refuse)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert "s3cret" not in answer.text


def test_it_is_not_ready_before_it_is_migrated(client, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: ["one", "two"])

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "2 to apply" in answer.json()["checks"]["migrations"]["detail"]


def test_it_is_not_ready_while_the_ledger_could_be_changed(client, monkeypatch):
    monkeypatch.setattr(wiring, "missing_triggers", lambda: ["preferences_change_no_update"])

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "preferences_change_no_update" in answer.json()["checks"]["ledger"]["detail"]


@pytest.mark.parametrize("beat", [None, timedelta(minutes=10)])
def test_a_silent_worker_is_told_but_closes_no_door(client, monkeypatch, beat):
    monkeypatch.setattr(wiring, "last_heartbeat", lambda: beat and timezone.now() - beat)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert not answer.json()["checks"]["worker"]["ok"]


def test_nothing_may_be_posted_to_it(client):
    assert client.post("/readyz").status_code == 405
