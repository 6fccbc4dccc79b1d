"""A call center whose list is open at night only, and a login that is revoked meanwhile."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from destinations import alarms
from destinations.models import Alarm, Clock, Destination, Propagation
from destinations.sandbox import Five9Sandbox, running
from destinations.services import save_destination
from preferences import clock
from tests.world import connect, into, out

EVENING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 5 PM in California
NIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # midnight there
PHONE = "+12025550143"


class Hours:
    """The moment it is, for everyone who asks."""

    def __init__(self, moment):
        self.moment = moment

    def __call__(self):
        return self.moment


@pytest.fixture
def now(monkeypatch):
    hours = Hours(EVENING - timedelta(days=1))
    monkeypatch.setattr(timezone, "now", hours)
    return hours


@pytest.fixture
def sandbox(now):
    with running(Five9Sandbox(clock=now)) as sandbox:
        yield sandbox


@pytest.fixture
def connection(sandbox, settings):
    settings.HEED_PRIVATE_HOSTS = {"five9": [urlsplit(sandbox.url).netloc]}
    return {
        "connector": "five9",
        "slug": "five9",
        "name": "Call center",
        "public_label": "our call center",
        "purpose": "call_center",
        "state": "live",
        "settings": {"base_url": sandbox.url, "username": "heed"},
        "agreement": "a sandbox",
        "author": "tests",
    }


@pytest.fixture
def center(db, connection):
    world = connect({})
    save_destination(**connection, secrets={"password": "old"})
    Destination.objects.update(created_at=EVENING - timedelta(days=1))
    return world


def at(now, moment, world):
    now.moment = moment
    with clock.at(moment):
        world.drain()
        alarms.watch(moment)


def operations(sandbox):
    return [
        word
        for each in sandbox.requests
        for word in ("addNumbersToDnc", "removeNumbersFromDnc", "checkDncForNumbers")
        if f":{word}>" in str(each["body"])
    ]


def listed(sandbox):
    return bool(sandbox.found([f"phone:{PHONE}"]).record)


def test_an_opt_out_waits_for_the_night_and_is_then_told(center, now, sandbox):
    person = center.registers(mrn="RH1", phone=PHONE).profile_id
    with clock.at(EVENING):
        center.chooses(person, out("*"))
    at(now, EVENING, center)
    assert not sandbox.requests
    assert Destination.objects.get().not_before == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

    at(now, NIGHT, center)
    assert listed(sandbox)


def test_a_login_that_is_back_the_same_night_is_found_by_a_few_tries_of_one(center, now, sandbox):
    people = [center.registers(mrn=f"RH{each}", phone=f"+1202555014{each}").profile_id for each in (3, 4)]
    sandbox.revoked = True
    with clock.at(EVENING):
        for person in people:
            center.chooses(person, out("*"))
    for half_hour in range(4):
        at(now, NIGHT + timedelta(minutes=30 * half_hour), center)
    assert len(sandbox.requests) <= 4
    assert Clock.objects.filter(met_at=None).exists()
    assert set(Propagation.objects.values_list("state", flat=True)) == {"stuck"}

    sandbox.revoked = False
    for half_hour in range(4, 9):
        at(now, NIGHT + timedelta(minutes=30 * half_hour), center)
    assert listed(sandbox)
    assert set(Propagation.objects.values_list("state", flat=True)) <= {"acknowledged", "verified"}
    assert "removeNumbersFromDnc" not in operations(sandbox)


def test_a_login_that_is_revoked_leaves_opt_outs_waiting_with_one_alarm_and_no_opt_in_is_sent(
    center, connection, now, sandbox
):
    person = center.registers(mrn="RH1", phone=PHONE).profile_id
    other = center.registers(mrn="RH2", phone="+12025550144").profile_id
    sandbox.revoked = True
    now.moment = EVENING
    with clock.at(EVENING):
        center.chooses(person, out("*"))
        center.chooses(other, into("care_follow_ups", "phone"))
    for hours in range(9):
        at(now, NIGHT + timedelta(hours=hours), center)
    assert Alarm.objects.count() == 1
    for day in range(1, 20):
        at(now, NIGHT + timedelta(days=day), center)

    waiting = Propagation.objects.get(denied_at__isnull=False)
    assert (waiting.state, waiting.reason) == ("stuck", "rejected_auth")
    assert Clock.objects.filter(propagation=waiting, met_at=None).exists()
    assert Alarm.objects.count() == 1
    assert not listed(sandbox)

    sandbox.revoked = False
    save_destination(destination=Destination.objects.get(), **connection, secrets={"password": "new"})
    at(now, NIGHT + timedelta(days=20), center)
    assert listed(sandbox)
    assert "removeNumbersFromDnc" not in operations(sandbox)
