"""`manage.py doctor`: what is wrong, in words, with what to do."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from config import doctor, health
from config.doctor import Level
from destinations.models import Alarm, Approval, Destination, Heartbeat, ManualTask
from destinations.terms import Act, Mail, PropagationState
from portal.models import Code
from preferences.models import DataKey, Outbox, Standing
from preferences.terms import State
from tests.config.staff import desk
from tests.destinations.listed import marked
from tests.portal import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(settings):
    """Nothing is wrong."""
    settings.PUBLIC_URL = "https://heed.example.org"
    Heartbeat.objects.create(name="qcluster", at=timezone.now())


def run(*arguments: str) -> tuple[int, str]:
    said = StringIO()
    try:
        call_command("doctor", *arguments, stdout=said)
    except SystemExit as ended:
        return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()


def findings(check: str) -> list[doctor.Finding]:
    return [each for each in doctor.examine() if each.check == check and each.level != Level.OK]


def test_all_well_says_so_line_by_line_and_exits_0(well, monkeypatch):
    monkeypatch.setattr(doctor, "_system_checks", lambda: iter(()))
    monkeypatch.setitem(doctor.LOOKS, "settings", lambda: iter(()))
    status, said = run()

    assert status == 0
    assert "WRONG" not in said
    assert {line.split()[1].rstrip(":") for line in said.splitlines()} == set(doctor.LOOKS)


def test_a_list_that_says_otherwise_than_a_decision_is_found(well):
    joan = people.person()
    people.chose(joan, ("patient_surveys", "email", State.OUT))
    marked()
    assert not findings("lists")

    Standing.objects.filter(subject=joan).update(denied=False)

    [found] = findings("lists")
    assert found.words == "1 of 3 looked at are listed wrongly as out or not"


def test_something_wrong_exits_1_and_says_what_to_do(well):
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=1))
    status, said = run()

    assert status == 1
    assert "WRONG worker: last heartbeat 36" in said
    assert "→ Start `manage.py qcluster`" in said


def test_machines_get_json(well):
    _, said = run("--json")

    assert {"check", "level", "words", "remedy"} == set(json.loads(said)[0])


def test_what_was_written_under_a_key_that_is_gone(well):
    people.person()
    DataKey.objects.filter(pk=DataKey.objects.order_by("pk")[0].pk).update(key_id="gone")

    [lost] = findings("keys")
    assert lost.level == Level.WRONG
    assert "under gone" in lost.words


def test_credentials_that_can_t_be_read(well):
    Destination.objects.filter(pk=desk.system().pk).update(secrets=b"old\x00x")

    assert "credentials of Mail service" in findings("keys")[0].words


def test_an_outbox_that_stands_still(well):
    people.person()
    Outbox.objects.update(created_at=timezone.now() - timedelta(minutes=30))

    [found] = findings("outbox")
    assert found.level == Level.WRONG
    assert "qcluster" in found.remedy


def test_a_broker_that_is_down(well, monkeypatch):
    def down() -> None:
        raise ConnectionError

    monkeypatch.setattr(doctor, "get_broker", down)
    [found] = findings("broker")

    assert found.level == Level.WRONG
    assert "Nothing is lost" in found.remedy


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agreement": ""}, "live without an agreement"),
        ({"connector": "mailkite"}, "no connector 'mailkite'"),
        ({"failures": 3, "failing_reason": "unavailable"}, "does not answer"),
    ],
)
def test_what_is_wrong_with_systems(well, change, words):
    Destination.objects.filter(pk=desk.system().pk).update(**change)

    assert words in findings("systems")[0].words
    assert findings("systems")[0].remedy


def test_what_is_stuck_what_waits_and_what_people_owe(well):
    row = desk.telling(people.person(), denied_at=timezone.now())
    Destination.objects.update(state="paused")
    long_ago = timezone.now() - timedelta(days=3)
    ManualTask.objects.create(propagation=row, counter=1, asked_of="x", created_by="a", created_at=long_ago)
    Approval.objects.create(
        destination=row.destination, act=Act.AGAIN, people=1, differ=1, asked_by="a", asked_at=long_ago
    )

    assert "1 stuck. The system refused this record." in findings("stuck")[0].words
    assert "1 opt-outs wait" in findings("opt-outs")[0].words
    assert len(findings("people")) == 2
    assert row.state == PropagationState.STUCK


def test_a_database_that_is_away_is_a_finding(well, monkeypatch):
    def away() -> health.Finding:
        raise OperationalError

    monkeypatch.setitem(doctor.LOOKS, "database", doctor._probe("database", away, "Start it."))
    assert "could not be looked at (OperationalError)" in findings("database")[0].words


def test_without_keys_it_says_which_are_missing_and_how_to_make_them(settings):
    settings.HEED_KEYS = []

    status, said = run()

    assert status == 1
    assert "heed.E002" in said
    assert "Make one with" in said


def test_an_alarm_that_could_not_be_mailed_is_wrong(well):
    system = Destination.objects.create(slug="mail", name="Mail", public_label="m", connector="sendgrid")
    Alarm.objects.create(
        destination=system,
        kind="missed",
        opened_at=timezone.now(),
        oldest_due_at=timezone.now(),
        count=3,
        mail=Mail.FAILED,
        mail_detail="ConnectionRefusedError",
    )

    [found] = findings("mail")
    assert found.level == Level.WRONG
    assert "1 alarm could not be mailed (ConnectionRefusedError)" in found.words
    assert "EMAIL_URL" in found.remedy


def asked_for_a_code(**more):
    now = timezone.now()
    return Code.objects.create(
        kind="email",
        address=b"1" * 32,
        network="198.51.100.0/24",
        language="en",
        nonce=b"1" * 16,
        key_id="k1",
        until=now + timedelta(minutes=10),
        **more,
    )


@pytest.mark.parametrize("fault", ["ConnectionRefusedError", "too late"])
def test_codes_that_people_wait_for_and_that_could_not_be_mailed_are_wrong(well, fault):
    asked_for_a_code(sends=2, fault=fault)
    asked_for_a_code(sends=1, fault=fault)

    [found] = findings("mail")
    assert found.level == Level.WRONG
    assert f"2 codes that people asked for in the last hour could not be mailed ({fault})" in found.words
    assert "sendtestemail" in found.remedy


def test_codes_that_were_mailed_or_that_nobody_may_get_are_no_fault_of_the_mail(well):
    asked_for_a_code(sends=1, sent_at=timezone.now())
    asked_for_a_code(sends=1, fault="nobody may be written to there")
    asked_for_a_code(sends=1, fault="the mail server refused the address")
    asked_for_a_code(sends=1, due_at=timezone.now())
    asked_for_a_code(sends=1, fault="OSError", created_at=timezone.now() - timedelta(hours=2))

    assert not findings("mail")


def connected(slug, connector, state="live"):
    return Destination.objects.create(
        slug=slug, name=slug, public_label=slug, connector=connector, state=state, agreement="BAA 1"
    )


def test_what_no_live_system_is_told_of_is_named(well):
    connected("crm", "http")
    connected("record", "fhir", state="paused")

    words = [each.words for each in findings("told")]

    assert "no live system is told of Appointment reminders (Text message, Email, Phone call)" in words
    assert "no live system is told of Sale or sharing of my information" in words
    assert not any("Marketing emails" in each for each in words)


def test_a_system_that_is_told_everything_leaves_nothing_untold(well):
    connected("hub", "webhook")

    assert not findings("told")


def test_before_anything_is_live_nothing_is_missing(well):
    connected("crm", "http", state="paused")

    assert not findings("told")
