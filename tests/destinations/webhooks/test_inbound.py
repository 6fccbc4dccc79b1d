"""What comes in at /inbound/{source}: proved, kept before it is answered, counted once."""

import sys
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from destinations import delivery, marking, sending
from destinations.models import Destination, InboundEvent
from destinations.resolving import Unresolved
from destinations.services import hearing
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.tasks import sweep
from preferences import selectors
from preferences.identity import named
from preferences.models import Change, Profile, Review, Source
from preferences.services import Call, Choice, Said, identify
from preferences.terms import Actor, State
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


def test_a_no_from_a_message_counts_however_near_to_a_write_of_ours(sendgrid, world):
    ana = PatientFactory.create()
    world.pauses(ana.id, "marketing_emails", days=30)
    world.quiet()
    sendgrid(event("group_unsubscribe", ana.email, asm_group_id=101, sg_message_id="m1.filter"))
    world.ends_pause(ana.id, "marketing_emails")
    assert not allowed("marketing_emails", "email", ana.email)
    world.quiet()
    assert world.suppressed(ana.email) == {"marketing_emails"}


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


@pytest.mark.parametrize(
    ("number", "namespace"),
    [("external_id", "dialer"), ("mrn", "main")],
)
def test_a_number_without_a_namespace_means_what_it_means_to_partners(dialer, number, namespace):
    who = (named(number, "1042", namespace), named("email", "ana@example.org"))
    said = Said(Source.objects.get(slug="staff"), Actor.STAFF, timezone.now(), who="nurse")
    ana = identify(call=Call(who), said=said).profile_id
    assert ana
    dialer({"says": "opt_out", number: "1042", "category": "patient_surveys"})
    assert not selectors.decide(ana, "patient_surveys", "email").allowed


def test_a_call_to_nobody_or_too_large_or_with_the_wrong_method_gets_a_clear_answer(client, dialer):
    assert client.post("/inbound/nobody", b"{}", content_type="application/json").status_code == 404
    assert client.get("/inbound/dialer").status_code == 405
    big = client.post("/inbound/dialer", b"x" * 1_000_001, content_type="application/json")
    assert (big.status_code, big.json()["code"]) == (413, "too_large")


def test_a_resubscribe_that_comes_while_the_system_is_told_is_undone_there_too(sendgrid, world):
    ana = PatientFactory.create()
    Source.objects.filter(slug="sendgrid-events").update(speaks_for_person=False)
    for category in ("marketing_emails", "patient_surveys"):
        world.quiet()
        world.chooses(ana.id, Choice(category, "email", State.OUT))
    while marking.mark(timezone.now()):
        pass
    turn = delivery.take(Destination.objects.get(slug="sendgrid").pk, 50)
    assert turn
    report = sending.send(turn)
    world.leaves_group(ana.email, 101)
    sendgrid(event("group_resubscribe", ana.email, asm_group_id=101))
    delivery.settle(report)
    world.quiet()
    assert world.suppressed(ana.email) == {"marketing_emails", "patient_surveys"}


def test_a_category_that_nobody_knows_is_kept_for_staff(dialer, events):
    ana = PatientFactory.create()
    dialer({"says": "opt_out", "phone": ana.phone, "category": "nothing_like_it"})
    assert [state for _, state, _ in events()] == ["kept"]
    assert Review.objects.get().kind == "opt_out_unplaced"


def test_what_another_worker_has_counted_meanwhile_stays_counted(dialer, events, monkeypatch):
    ana = PatientFactory.create()
    resolve = hearing._resolve

    def slowly(pk, now):
        monkeypatch.setattr(hearing, "_resolve", resolve)
        hearing.hear()
        raise Unresolved("it did not answer")

    monkeypatch.setattr(hearing, "_resolve", slowly)
    dialer({"says": "do_not_call", "phone": ana.phone})
    assert [state for _, state, _ in events()] == ["counted"]


def test_nobody_waits_for_a_system_that_must_be_asked_first(dialer, client):
    save_inbound(slug="letters", name="Letters", vendor="mailchimp", settings={}, secrets={"secret": "long"})
    form = urlencode({"type": "profile", "data[email]": "ana@example.org"})
    client.post("/inbound/letters?secret=long", form, content_type="application/x-www-form-urlencoded")
    dialer({"says": "do_not_call", "phone": "+12025550143"})
    profile, call = InboundEvent.objects.order_by("id")
    assert call.read_at
    assert profile.read_at
    assert call.read_at < profile.read_at


def test_what_takes_long_to_read_goes_on_in_another_task(sendgrid, world, monkeypatch):
    tasks: list[str] = []
    monkeypatch.setattr(hearing, "async_task", tasks.append)
    monkeypatch.setattr(hearing, "HEAR_SECONDS", -1.0)
    sendgrid(*[event("unsubscribe", "ana@example.org", key) for key in "ab"], read=False)
    assert (hear(), hear(), hear()) == (1, 1, 0)
    assert tasks == ["destinations.tasks.hear"] * 2


def test_a_timestamp_that_is_no_moment_proves_nothing(client, dialer):
    headers = {"webhook-id": "1", "webhook-timestamp": "9" * 400, "webhook-signature": "v1,x"}
    answer = client.post("/inbound/dialer", b"{}", content_type="application/json", headers=headers)
    assert answer.status_code == 401


def test_a_resubscribe_that_names_no_group_is_no_yes_to_everything(sendgrid, world, events):
    ana = PatientFactory.create()
    world.chooses(ana.id, Choice("marketing_emails", "email", State.OUT))
    sendgrid(event("group_resubscribe", ana.email))
    assert not allowed("marketing_emails", "email", ana.email)
    assert InboundEvent.objects.get().state == "kept"


def test_a_no_whose_date_cannot_be_read_counts_from_when_it_came_in(dialer):
    ana = PatientFactory.create()
    dialer({"says": "opt_out", "email": ana.email, "category": "patient_surveys", "occurred_at": "yesterday"})
    assert not selectors.decide(ana.id, "patient_surveys", "email").allowed


@pytest.mark.parametrize("data", [{"says": "opt_in", "occurred_at": "yesterday"}, {"says": "optout"}])
def test_what_cannot_be_read_turns_nothing_on_and_is_a_matter_for_staff(dialer, data):
    ana = PatientFactory.create()
    before = Change.objects.count()
    dialer({**data, "email": ana.email, "category": "patient_surveys"})
    assert InboundEvent.objects.get().state == "kept"
    assert Change.objects.count() == before
    assert Review.objects.get().kind == "opt_out_unplaced"


def text(phone, words, **more):
    return {"says": "text", "phone": phone, "text": words, **more}


def texts_go(phone):
    [found] = selectors.decide_many(
        "appointment_reminders", "sms", [selectors.Question(named=named("phone", phone))]
    )
    return found.allowed


def test_a_start_whose_date_cannot_be_read_lifts_no_stop_and_is_a_matter_for_staff(dialer):
    ana = PatientFactory.create()
    dialer(text(ana.phone, "STOP"), name="1")
    dialer(text(ana.phone, "START", occurred_at="yesterday"), name="2")
    assert not texts_go(ana.phone)
    assert [each.state for each in InboundEvent.objects.order_by("id")] == ["counted", "kept"]
    assert Review.objects.get().kind == "opt_out_unplaced"

    dialer(text(ana.phone, "START"), name="3")  # no date at all: it was just said
    assert texts_go(ana.phone)


def test_a_stop_whose_date_cannot_be_read_counts_from_when_it_came_in(dialer):
    ana = PatientFactory.create()
    dialer(text(ana.phone, "please stop texting me", occurred_at="yesterday"))
    assert not texts_go(ana.phone)


def test_one_strange_entry_does_not_keep_the_rest_of_a_call_from_counting(sendgrid, world):
    ana = PatientFactory.create()
    answer = sendgrid("junk", 7, event("group_unsubscribe", ana.email, asm_group_id=101))
    assert answer.status_code == 200
    assert not allowed("marketing_emails", "email", ana.email)
    assert sorted(InboundEvent.objects.values_list("state", flat=True)) == ["counted", "kept", "kept"]
    assert Review.objects.get().kind == "opt_out_unplaced"


def test_a_body_nested_too_deeply_gets_a_clear_answer(dialer, client, monkeypatch):
    monkeypatch.setattr("destinations.vendors.generic.standard_webhooks", lambda *_: None)
    body = "[" * 50_000
    answer = client.post(
        "/inbound/dialer", body, content_type="application/json", headers={"webhook-id": "deep"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_no_depth_of_nesting_is_a_fault_of_ours(sendgrid, client, monkeypatch):
    """What is read just so may be too deep to be written again, event by event."""
    monkeypatch.setattr("destinations.vendors.sendgrid.of_now", lambda *_: None)
    monkeypatch.setattr("destinations.vendors.sendgrid.ecdsa_p256", lambda *_: True)
    limit, met = sys.getrecursionlimit(), set()
    for depth in range(limit - 400, limit + 20, 3):
        body = f'[{{"sg_event_id": "{depth}", "a": {"[" * depth + "]" * depth}}}]'
        answer = client.post("/inbound/sendgrid-events", body, content_type="application/json")
        met.add(answer.status_code)
    assert met == {200, 400}
    hear()
    assert not InboundEvent.objects.exclude(state="kept").exists()
