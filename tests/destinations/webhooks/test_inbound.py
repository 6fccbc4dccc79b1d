"""What comes in at /inbound/{source}: proved, kept before it is answered, counted once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from destinations.models import InboundEvent
from destinations.tasks import sweep
from preferences import selectors
from preferences.identity import named
from preferences.models import Change, Profile, Review, Source
from preferences.services import Choice
from preferences.terms import State
from tests.factories import PatientFactory


def allowed(category: str, channel: str, email: str) -> bool:
    [found] = selectors.decide_many(category, channel, [selectors.Question(named=named("email", email))])
    return found.allowed


def event(word: str, email: str, key: str = "e1", **more: Any) -> dict[str, Any]:
    return {
        "event": word,
        "email": email,
        "sg_event_id": key,
        "timestamp": int(timezone.now().timestamp()),
        **more,
    }


def test_a_group_unsubscribe_is_an_opt_out_of_that_category_alone(sendgrid, world):
    ana = PatientFactory.create()
    assert sendgrid(event("group_unsubscribe", ana.email, asm_group_id=101)).status_code == 200
    assert not allowed("marketing_emails", "email", ana.email)
    assert allowed("appointment_reminders", "email", ana.email)


def test_a_group_unsubscribe_of_somebody_unknown_holds_for_whoever_comes_to_hold_the_address(sendgrid, world):
    sendgrid(event("group_unsubscribe", "new@example.org", asm_group_id=101))
    assert not Profile.objects.exists()
    PatientFactory.create(email="new@example.org")
    assert not allowed("marketing_emails", "email", "new@example.org")
    assert allowed("appointment_reminders", "email", "new@example.org")


def test_the_same_event_twice_counts_once(sendgrid, world):
    ana = PatientFactory.create()
    for _ in range(2):
        sendgrid(event("group_unsubscribe", ana.email, asm_group_id=101))
    assert Change.objects.filter(subject_id=ana.id).count() == 2  # that they came to be known, and the no
    assert InboundEvent.objects.count() == 1


def test_every_event_of_a_call_counts_and_a_strange_one_is_kept(sendgrid, world, events):
    ana = PatientFactory.create()
    sendgrid(
        event("delivered", ana.email, "a"),
        event("teleported", ana.email, "b"),
        event("group_unsubscribe", ana.email, "c", asm_group_id=103),
    )
    assert [(word, state) for word, state, _ in events()] == [
        ("delivered", "nothing"),
        ("teleported", "kept"),
        ("group_unsubscribe", "counted"),
    ]
    assert not allowed("patient_surveys", "email", ana.email)


def test_an_unsubscribe_from_a_group_that_is_mapped_to_nothing_is_put_before_staff(sendgrid, world, events):
    ana = PatientFactory.create()
    sendgrid(event("group_unsubscribe", ana.email, asm_group_id=999))
    assert [state for _, state, _ in events()] == ["kept"]
    assert Review.objects.get().kind == "opt_out_unplaced"
    assert allowed("marketing_emails", "email", ana.email)


def test_our_own_write_coming_back_is_no_new_choice(sendgrid, world, events):
    ana = PatientFactory.create()
    world.chooses(ana.id, Choice("marketing_emails", "email", State.OUT))
    world.quiet()
    before = Change.objects.count()
    sendgrid(event("group_unsubscribe", ana.email, asm_group_id=101))
    assert events() == [("group_unsubscribe", "counted", "our own write, coming back")]
    assert Change.objects.count() == before


def test_what_the_vendor_reported_stays_there_when_the_reason_of_ours_ends(sendgrid, world):
    ana = PatientFactory.create()
    world.pauses(ana.id, "marketing_emails", days=30)
    world.quiet()
    assert world.suppressed(ana.email) == {"marketing_emails"}
    later = timezone.now() + timedelta(hours=1)
    sendgrid(event("group_unsubscribe", ana.email, asm_group_id=101, timestamp=int(later.timestamp())))
    world.ends_pause(ana.id, "marketing_emails")
    world.quiet()
    assert world.suppressed(ana.email) == {"marketing_emails"}


def test_a_resubscribe_that_does_not_count_is_undone_there(sendgrid, world):
    ana = PatientFactory.create()
    world.chooses(ana.id, Choice("marketing_emails", "email", State.OUT))
    world.quiet()
    Source.objects.filter(slug="sendgrid-events").update(speaks_for_person=False)
    world.leaves_group(ana.email, 101)
    sendgrid(event("group_resubscribe", ana.email, asm_group_id=101))
    world.quiet()
    assert not allowed("marketing_emails", "email", ana.email)
    assert world.suppressed(ana.email) == {"marketing_emails"}


@pytest.mark.parametrize("fault", ["spoiled", "old"])
def test_a_call_that_is_not_proved_is_refused_and_seen_by_staff(sendgrid, world, fault):
    ana = PatientFactory.create()
    told = event("group_unsubscribe", ana.email, asm_group_id=101)
    late = timezone.now() - timedelta(minutes=6)
    answer = sendgrid(told, spoil=b" ") if fault == "spoiled" else sendgrid(told, at=late)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_proved"
    assert not InboundEvent.objects.exists()
    assert allowed("marketing_emails", "email", ana.email)


def test_what_was_kept_is_counted_though_nobody_was_there_to_read_it(sendgrid, world):
    ana = PatientFactory.create()
    sendgrid(event("group_unsubscribe", ana.email, asm_group_id=101), read=False)
    assert allowed("marketing_emails", "email", ana.email)
    sweep()
    assert not allowed("marketing_emails", "email", ana.email)


def test_no_address_stands_in_the_clear_in_what_is_kept(sendgrid, world):
    sendgrid(event("group_unsubscribe", "clear@example.org", asm_group_id=101), read=False)
    assert b"clear@example.org" not in bytes(InboundEvent.objects.get().body or b"")


def test_a_dialer_sets_do_not_call_by_a_signed_webhook(dialer):
    ana = PatientFactory.create()
    assert dialer({"says": "do_not_call", "phone": ana.phone}).status_code == 200
    assert selectors.decide(ana.id, "appointment_reminders", "phone").reason == "restriction"


def test_a_call_to_nobody_or_too_large_or_with_the_wrong_method_gets_a_clear_answer(client, dialer):
    assert client.post("/inbound/nobody", b"{}", content_type="application/json").status_code == 404
    assert client.get("/inbound/dialer").status_code == 405
    big = client.post("/inbound/dialer", b"x" * 1_000_001, content_type="application/json")
    assert (big.status_code, big.json()["code"]) == (413, "too_large")
