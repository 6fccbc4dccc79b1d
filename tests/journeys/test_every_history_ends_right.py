"""Random histories, random faults and kills, then quiet: every system says what it must, and no more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, given, note, settings

from destinations.sandbox import Sandbox
from preferences.catalogue import catalogue_at
from preferences.models import Profile
from tests.days import days_that_pass
from tests.journeys.checking import check
from tests.journeys.life import lived, scripts
from tests.journeys.oracle import Truth
from tests.preferences.acts import PEOPLE, Act
from tests.preferences.notebook import Chose, Known, Published
from tests.preferences.resolver_people import AFTER_MIGRATE
from tests.preferences.test_laws import rolled_back
from tests.world import connect


def run(four_systems: dict[str, Sandbox], script: list[Act]) -> None:
    django_settings.HEED_PRIVATE_HOSTS = {}
    catalogue_at.cache_clear()
    for sandbox in four_systems.values():
        requests.delete(f"{sandbox.url}/_faults", timeout=5)
        requests.post(f"{sandbox.url}/_reset", timeout=5)
    with days_that_pass() as days, rolled_back():
        life = lived(connect(four_systems), days, script)
        for each in (script, *life.facts):
            note(str(each))
        assert Profile.objects.count() == PEOPLE
        check(life)


SHORT = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
# Shrinking a failure of the long run would take longer than reading it.
LONG = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)


@pytest.mark.django_db
@SHORT
@given(script=scripts(most=6))
def test_every_short_history_ends_right(four_systems, script):
    run(four_systems, script)


@pytest.mark.soak
@pytest.mark.django_db
@LONG
@given(script=scripts(most=16))
def test_every_history_ends_right(four_systems, script):
    run(four_systems, script)


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HERE = ("email", "one@example.org")


def told(*facts: tuple[type[Any], dict[str, Any]]) -> Truth:
    """A notebook with these facts, an hour apart."""
    written = [
        of(number=n, recorded=NOON + n * timedelta(hours=1), **each) for n, (of, each) in enumerate(facts)
    ]
    return Truth(written, NOON + timedelta(days=1))


def known(
    person: int, source: str = "ehr", address: tuple[str, str] = HERE
) -> tuple[type[Any], dict[str, Any]]:
    return Known, {"person": person, "source": source, "addresses": (address,)}


NO = (Chose, {"person": 0, "choices": (("*", "*", False),), "occurred": NOON, "own_word": True})
GONE = known(0, address=("email", "two@example.org"))


def test_the_notebook_is_not_empty_talk():
    """The oracle itself says no where somebody said no, and to nobody else."""
    truth = told(known(0), known(1), NO)
    assert truth.refuses(0, ("care_follow_ups", "mail"))
    assert not truth.refuses(1, ("care_follow_ups", "mail"))


def test_it_keeps_a_no_at_an_address_until_somebody_else_is_verified_there():
    cell = ("patient_surveys", "email")
    assert told(known(0), NO, GONE, known(1)).refused_at(HERE, cell)
    assert not told(known(0), NO, GONE, known(1, "patient_portal")).refused_at(HERE, cell)


def test_it_keeps_a_no_to_what_is_retired():
    body = {**AFTER_MIGRATE["patient_surveys"], "slug": "patient_surveys", "retired": True}
    retired = (Published, {"slug": "patient_surveys", "body": body})
    assert told(known(0), NO, retired).refuses(0, ("patient_surveys", "email"))
