"""What once went wrong in the engine, and must not again."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from destinations import credentials, http, leases, marking, services
from destinations.connectors import CONNECTORS
from destinations.contract import Call
from destinations.leases import Settled
from destinations.models import Destination, Propagation, WakeUp
from destinations.payloads import Row
from destinations.sending import call_made
from destinations.services import save_destination, set_state, waking
from destinations.tasks import something_is_due
from destinations.terms import DestinationState, PropagationState
from preferences.models import Identifier
from tests.preferences.saying import publish
from tests.world import World, into, out

on_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite takes one writer at a time"
)
KEYS = ["other:" + "b3RoZXIga2V5LCBvbmx5IGZvciB0aGVzZSB0ZXN0cyE="]


@pytest.fixture
def maria(world: World):
    person = world.registers(mrn="RH1", email="maria@example.org").profile_id
    world.drain()
    return person


def row(system: str, kind: str = "email") -> Propagation:
    return Propagation.objects.get(destination__slug=system, identifier__kind=kind)


# --- people who turn out to be one ---


def test_of_a_browser_that_became_a_persons_no_old_yes_is_told_again(world, maria):
    yes = into("marketing_emails", "email")
    browser = world.identifies("patient_portal", [yes], anonymous_id="b1").profile_id
    world.drain()
    assert world.identifies("ehr", (), mrn="RH1", anonymous_id="b1").profile_id == maria
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert told_of(world, browser)[-1]["marketing_emails"]["email"]["state"] == "opted_out"


def told_of(world: World, person: UUID) -> list[dict[str, Any]]:
    """The preferences that the webhook's receiver was sent about somebody, in order."""
    sent = [each["body"]["data"] for each in world.sandboxes["webhook"].requests if each["body"]]
    return [data["preferences"] for data in sent if data.get("profile") == str(person)]


# --- credentials under a key that is gone ---


def lose_the_key(world: World) -> None:
    sendgrid = Destination.objects.get(slug="sendgrid")
    Destination.objects.filter(pk=sendgrid.pk).update(
        secrets=b"gone" + bytes(sendgrid.secrets)[bytes(sendgrid.secrets).index(0) :]
    )


def test_credentials_that_can_not_be_read_are_stuck_with_words_and_hold_up_no_drain(world, maria):
    lose_the_key(world)
    world.chooses(maria, out("marketing_emails", "email"))
    started = time.monotonic()
    world.drain()

    assert time.monotonic() - started < 10
    stuck = row("sendgrid")
    assert (stuck.state, stuck.reason) == ("stuck", "rejected_config")
    assert stuck.due_at
    assert stuck.due_at > timezone.now()
    assert row("webhook", "heed").state == "acknowledged"


def test_credentials_that_can_not_be_read_can_be_entered_again(world, maria):
    lose_the_key(world)
    world.chooses(maria, out("marketing_emails", "email"))
    sendgrid = Destination.objects.get(slug="sendgrid")
    save_destination(
        destination=sendgrid,
        connector="sendgrid",
        slug="sendgrid",
        name="sendgrid",
        public_label="our sendgrid",
        purpose="other",
        state="live",
        settings=sendgrid.settings,
        secrets={"api_key": "SG.test"},
        agreement="a sandbox",
        author="tests",
    )
    world.drain()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}
    assert credentials.unlock(bytes(Destination.objects.get(slug="sendgrid").secrets)) == {
        "api_key": "SG.test"
    }


# --- a connector that is gone ---


def test_a_removed_connector_keeps_nobody_awake_and_its_rows_wait(world, maria, monkeypatch):
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.PAUSED)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.LIVE)
    sendgrid = CONNECTORS["sendgrid"]
    monkeypatch.delitem(CONNECTORS, "sendgrid")
    started = time.monotonic()
    world.drain()

    assert time.monotonic() - started < 3
    assert not something_is_due()
    assert row("sendgrid").due_at is not None
    monkeypatch.setitem(CONNECTORS, "sendgrid", sendgrid)
    world.drain()
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


# --- a system that goes on again ---


def test_what_waited_for_new_credentials_is_tried_when_the_system_goes_on(world, maria):
    """An opt-in that was refused is due at no time of its own."""
    rejected = Propagation.objects.filter(destination__slug="sendgrid")
    rejected.update(state="stuck", reason="rejected_auth", due_at=None)
    set_state(destination=Destination.objects.get(slug="sendgrid"), state=DestinationState.LIVE)

    assert row("sendgrid").due_at is not None


# --- a hint that can be lost ---


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_fails_nobody_whose_change_is_recorded(world, monkeypatch):
    def down(task: str) -> None:
        raise ConnectionError("no broker")

    services.answer_wake_up()
    monkeypatch.setattr(waking, "async_task", down)
    person = world.registers(mrn="RH9").profile_id

    assert person
    assert not WakeUp.objects.filter(pending=True).exists()


# --- what is kept of a call ---


def test_what_is_kept_of_a_call_is_of_no_use_for_guessing_an_address(settings):
    call = Call("PUT", "/contacts", json={"email": "maria@example.org"})
    under_one = call_made(call).request_digest
    settings.HEED_KEYS = KEYS

    assert call_made(call).request_digest != under_one


# --- the deadline of a call ---


def test_a_name_that_is_found_too_late_is_not_called(monkeypatch):
    found = socket.getaddrinfo
    listener = socket.create_server(("127.0.0.1", 0))
    named = f"127.0.0.1:{listener.getsockname()[1]}"

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.4)
        return found(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    way = http.Way(f"http://{named}", ("GET /ok",), frozenset({named}))
    listener.settimeout(0.2)

    with closing(listener), pytest.raises(http.NoAnswer) as lost:
        http.send(Call("GET", "/ok"), way, time.monotonic() + 0.2)
    assert not lost.value.sent


# --- locks ---


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_settling_and_marking_the_same_rows_at_once_wait_for_each_other_in_one_order(world):
    for number in range(40):
        world.registers(email=f"p{number}@example.org")
    world.drain()
    ids = list(Identifier.objects.filter(kind="email").values_list("id", flat=True))
    sendgrid = Destination.objects.get(slug="sendgrid").pk
    token = uuid4()
    rows = [
        Row(pk, identifier, 1, None, None, "{}", "", None, 0, denied=False)
        for pk, identifier in Propagation.objects.filter(destination=sendgrid, identifier__in=ids)
        .order_by("-identifier")
        .values_list("id", "identifier_id")
    ]

    def settling() -> None:
        with closing(connection):
            for _ in range(20):
                for each in rows:
                    Propagation.objects.filter(pk=each.id).update(lease_token=token)
                told = [Settled(each, PropagationState.ACKNOWLEDGED) for each in rows]
                transaction.atomic(leases.settle)(told, token, timezone.now())

    def marking_all() -> None:
        with closing(connection):
            for _ in range(300):
                transaction.atomic(marking.raise_wanted)(
                    dict.fromkeys(ids, marking.NO_DENIAL),
                    [marking.System(sendgrid, CONNECTORS["sendgrid"], False)],
                    timezone.now(),
                )

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(settling), pool.submit(marking_all)]:
            done.result(timeout=60)


# --- the life of a category ---


@pytest.mark.parametrize("changed", [{"retired": True}, {"offers": []}])
def test_what_was_refused_stays_refused_everywhere_when_its_category_goes_out_of_use(world, maria, changed):
    world.plant("salesforce", Contact=[{"LastName": "Reyes", "MRN__c": "RH1"}])
    world.chooses(maria, out("patient_surveys", "email"))
    world.drain()
    publish("patient_surveys", **changed)
    world.drain()

    assert world.suppressed("maria@example.org") == {"patient_surveys"}
    assert world.contact("RH1")["Patient_Surveys_Email_Opt_Out__c"]


def test_what_was_refused_while_its_category_was_out_of_use_is_refused_everywhere(world, maria):
    publish("patient_surveys", retired=True)
    world.chooses(maria, out("patient_surveys", "email"))
    world.drain()

    assert world.suppressed("maria@example.org") == {"patient_surveys"}
