"""athenahealth is asked for what has changed: nothing is lost, and a record restated is no news."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from destinations import tasks, ways
from destinations.models import Destination, Inbound, InboundEvent
from destinations.sandbox import AthenahealthSandbox, running
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.services.polling import ask_all
from preferences import selectors
from preferences.models import Source
from tests.world import World, connect, into, out

SMS, PHONE = "contactpreference_appointment_sms", "contactpreference_appointment_phone"


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[World]:
    settings.HEED_PRIVATE_HOSTS = {}
    with running(AthenahealthSandbox()) as sandbox:
        world = connect({"athenahealth": sandbox})
        save_inbound(
            slug="athena-changes",
            name="athenahealth changes",
            vendor="athenahealth",
            settings={},
            secrets={},
            speaks_for_person=True,
            system=Destination.objects.get(slug="athenahealth"),
        )
        world.plant("athenahealth", patients=[{"patientid": "4711", SMS: "true"}])
        yield world


@pytest.fixture
def ana(practice: World) -> Any:
    ana = practice.registers(mrn="4711", email="ana@example.org").profile_id
    practice.drain()
    return ana


@pytest.fixture
def look(ana: Any) -> Callable[..., list[tuple[str, str]]]:
    """Ask, and read what came; the first time, changes only begin to be noted."""
    ask_all(timezone.now())

    def look(minutes: float = 1) -> list[tuple[str, str]]:
        known, moment = InboundEvent.objects.count(), timezone.now() + timedelta(minutes=minutes)
        ask_all(moment)
        hear(moment)
        return list(InboundEvent.objects.order_by("id").values_list("state", "became"))[known:]

    return look


def changes(practice: World, **record: str) -> None:
    practice.plant("athenahealth", patients=[{"patientid": "4711", **record}])


def allowed(ana: Any, channel: str = "sms") -> bool:
    return selectors.decide(ana, "appointment_reminders", channel).allowed


def test_the_first_time_changes_begin_to_be_noted(practice, ana):
    assert ask_all(timezone.now()) == 0

    calls = [
        (each["method"], each["path"].rpartition("/")[2])
        for each in practice.sandboxes["athenahealth"].requests
    ]
    assert calls[-2:] == [("GET", "subscription"), ("POST", "subscription")]
    assert Inbound.objects.get().cursor


def test_a_preference_that_is_turned_off_there_is_a_no_here(practice, ana, look):
    practice.registers(mrn="4711", phone="+12025550143")
    look()
    changes(practice, **{SMS: "false"})

    assert look(2) == [("counted", "opted_out: appointment_reminders sms")]
    assert not allowed(ana)


def test_the_same_record_again_is_no_news_even_after_a_later_yes(practice, ana, look):
    practice.registers(mrn="4711", phone="+12025550143")
    look()
    changes(practice, **{SMS: "false"})
    look(2)
    practice.chooses(ana, into("appointment_reminders", "sms"))
    practice.drain()
    changes(practice, lastname="Ruiz")

    assert look(3) == [("nothing", "as it was known")]
    assert allowed(ana)


def test_a_no_of_heeds_own_that_is_read_there_is_no_news(practice, ana, look):
    look()
    practice.chooses(ana, out("appointment_reminders", "phone"))
    practice.drain()

    assert practice.record_of("athenahealth", mrn="4711")[PHONE] == "false"
    assert look(2) == [("nothing", "as it was known")]


def test_a_yes_that_was_read_when_heed_wrote_its_no_turns_nothing_on(practice, ana, look):
    practice.registers(mrn="4711", phone="+12025550143")
    look()
    changes(practice, lastname="Ruiz")
    ask_all(timezone.now())  # the record still says yes
    practice.chooses(ana, out("appointment_reminders", "sms"))
    practice.drain()
    hear()

    assert not allowed(ana)
    assert practice.record_of("athenahealth", mrn="4711")[SMS] == "false"


def test_a_preference_that_is_mapped_to_nothing_is_no_matter_for_staff(practice, look):
    look()
    changes(practice, contactpreference_billing_sms="false")

    assert [state for state, _ in look(2)] == ["nothing"]


def test_a_new_phone_and_a_death_are_heard(practice, ana, look):
    look()
    changes(practice, mobilephone="(202) 555-0143", deceaseddate="11/20/2026")

    assert look(2) == [("counted", "deceased; a new address; as it was known")]
    assert not allowed(ana, "email")


def test_what_was_told_while_the_answer_was_lost_is_fetched_again(practice, ana, look):
    practice.registers(mrn="4711", phone="+12025550143")
    look()
    changes(practice, **{SMS: "false"})
    practice.faults("athenahealth", status=502, apply=True, times=1)
    assert look(2) == []
    assert "did not say" in Inbound.objects.get().refused_why

    assert ("counted", "opted_out: appointment_reminders sms") in look(3)
    assert not allowed(ana)


def test_every_page_is_kept_before_the_next_is_asked_for(practice, look, monkeypatch):
    monkeypatch.setattr("destinations.vendors.athenahealth.PAGE", 2)
    look()
    practice.plant("athenahealth", patients=[{"patientid": str(number)} for number in range(5)])
    known, kept, send = InboundEvent.objects.count(), [], ways.send

    def counted(*call: Any) -> Any:
        kept.append(InboundEvent.objects.count() - known)
        return send(*call)

    monkeypatch.setattr(ways, "send", counted)

    assert len(look(2)) == 5
    assert kept == [0, 2, 4]


def test_a_system_that_is_down_keeps_nobody_from_the_next(practice, look):
    practice.faults("athenahealth", status=503)

    assert look() == []
    assert Inbound.objects.get().refused_why


def test_the_sweep_asks_once_a_minute_where_somebody_is_to_be_asked(practice, monkeypatch):
    started = []
    monkeypatch.setattr(tasks, "async_task", lambda name, *_: started.append(name))
    tasks.sweep()
    assert started.count("destinations.tasks.ask") == 1

    Destination.objects.update(source=None)
    started.clear()
    tasks.sweep()
    assert "destinations.tasks.ask" not in started


def test_nobody_tells_by_http(practice, client):
    assert client.post("/inbound/athena-changes", "{}", content_type="application/json").status_code == 401


def test_more_than_a_page_that_was_told_while_nobody_asked_is_fetched_whole(practice, look, monkeypatch):
    monkeypatch.setattr("destinations.vendors.athenahealth.PAGE", 2)
    look()
    practice.plant("athenahealth", patients=[{"patientid": str(number)} for number in range(5)])
    practice.faults("athenahealth", status=502, apply=True, times=3)
    for minute in (2, 3, 4):
        look(minute)
    known = InboundEvent.objects.count()
    look(5)
    assert InboundEvent.objects.count() - known >= 5


def test_a_source_that_was_switched_off_is_not_asked(practice, look):
    Source.objects.filter(slug="athena-changes").update(is_active=False)
    changes(practice, **{SMS: "false"})
    assert look() == []
