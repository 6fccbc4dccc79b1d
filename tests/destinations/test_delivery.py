"""The engine over real HTTP: what each system ends up holding, whatever happens on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from destinations import delivery, marking, sending
from destinations.models import Attempt, Destination, Propagation
from destinations.sending import Report
from destinations.services import retry, save_destination, set_state
from destinations.terms import TOLD, DestinationState
from preferences.models import Outbox
from tests.world import World, into, named, out

MARIA = {"mrn": "RH1", "email": "maria@example.org", "phone": "+12025550101"}


@pytest.fixture
def maria(world: World):
    world.plant(
        "salesforce",
        Contact=[{"LastName": "Santos", "Email": MARIA["email"], "MRN__c": MARIA["mrn"]}],
    )
    world.plant(
        "fhir",
        Patient=[{"id": "p1", "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "RH1"}]}],
    )
    person = world.registers(**MARIA).profile_id
    world.drain()
    return person


def test_an_opt_out_reaches_all_four_systems_in_their_own_words(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}
    assert world.contact("RH1")["Marketing_Emails_Email_Opt_Out__c"] is True
    assert world.contact("RH1")["HasOptedOutOfEmail"] is False
    assert world.consents("RH1") == {"marketing_emails": "active deny"}
    told = world.snapshot(email="maria@example.org")["preferences"]["marketing_emails"]["email"]
    assert (told["state"], told["allowed"]) == ("opted_out", False)


def test_what_nobody_was_asked_about_is_told_to_no_list_and_no_record(world, maria):
    assert world.suppressed("maria@example.org") == set()
    assert world.consents("RH1") == {}
    assert not world.sandboxes["sendgrid"].requests


def test_ten_quick_clicks_cost_one_call(world, maria):
    for _ in range(5):
        world.chooses(maria, out("marketing_emails", "email"))
        world.chooses(maria, into("marketing_emails", "email"))
    before = Attempt.objects.filter(propagation__destination__slug="webhook").count()
    world.drain()

    assert Attempt.objects.filter(propagation__destination__slug="webhook").count() == before + 1
    assert world.suppressed("maria@example.org") == set()


def test_the_same_again_is_unchanged_and_costs_no_call(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    calls = len(world.sandboxes["sendgrid"].requests)
    world.registers(**MARIA, language="es")
    world.drain()

    assert len(world.sandboxes["sendgrid"].requests) == calls
    row = Propagation.objects.get(destination__slug="sendgrid", identifier__kind="email")
    assert (row.state, row.reason, row.acknowledged) == ("acknowledged", "unchanged", row.wanted)


def test_two_share_an_email_and_one_opting_in_does_not_lift_the_others_opt_out(world, maria):
    diego = world.registers(mrn="RH2", email="maria@example.org").profile_id
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    world.chooses(diego, into("marketing_emails", "email"))
    world.drain()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_an_opt_out_follows_the_person_to_the_new_address_and_stays_on_the_old(world, maria):
    world.chooses(maria, out("patient_surveys", "email"))
    world.drain()
    world.registers(mrn="RH1", email="maria.new@example.org")
    world.drain()

    assert world.suppressed("maria.new@example.org") == {"patient_surveys"}
    assert world.suppressed("maria@example.org") == {"patient_surveys"}


def test_an_opt_in_is_not_sent_to_a_former_address(world, maria):
    world.plant(
        "sendgrid", suppressed=[{"email": "maria@example.org", "group": 101, "created": 1_600_000_000}]
    )
    world.registers(mrn="RH1", email="maria.new@example.org")
    world.chooses(maria, into("marketing_emails", "email"))
    world.drain()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_a_stop_silences_texts_for_both_people_at_that_number(world, maria):
    world.plant("salesforce", Contact=[{"LastName": "Santos", "MRN__c": "RH2"}])
    world.registers(mrn="RH2", phone=MARIA["phone"])
    world.texts_stop(MARIA["phone"])
    world.drain()

    for mrn in ("RH1", "RH2"):
        assert world.contact(mrn)["Appointment_Reminders_Sms_Opt_Out__c"] is True
        assert world.contact(mrn)["Appointment_Reminders_Email_Opt_Out__c"] is False


def test_a_flag_set_by_hand_for_someone_never_asked_stays_when_their_language_changes(world):
    world.plant("salesforce", Contact=[{"LastName": "Reyes", "MRN__c": "RH7", "HasOptedOutOfEmail": True}])
    world.registers(mrn="RH7", email="reyes@example.org")
    world.drain()
    world.registers(mrn="RH7", email="reyes@example.org", language="es")
    world.drain()

    assert world.contact("RH7")["HasOptedOutOfEmail"] is True


def test_stop_everything_sets_every_group_and_flag_and_a_partners_opt_in_turns_nothing_on(world, maria):
    world.chooses(maria, out("*", "*"))
    world.identifies("crm", [into("marketing_emails")], email="maria@example.org")
    world.drain()

    assert len(world.suppressed("maria@example.org")) == 4
    contact = world.contact("RH1")
    assert contact["HasOptedOutOfEmail"] is True
    assert contact["DoNotCall"] is True
    assert contact["Marketing_Emails_Email_Opt_Out__c"] is True
    assert "global" not in world.record_of("sendgrid", email="maria@example.org")


def test_a_vendors_own_opt_out_yields_only_to_a_later_opt_in(world, maria):
    world.plant("salesforce", Lead=[{"LastName": "S", "Email": "l@example.org", "Company": "x"}])
    world.plant(
        "sendgrid", suppressed=[{"email": "maria@example.org", "group": 103, "created": 1_600_000_000}]
    )
    world.chooses(maria, into("patient_surveys", "email"))
    world.drain()
    row = Propagation.objects.get(destination__slug="sendgrid", identifier__kind="email")
    assert (row.state, row.reason) == ("stuck", "needs_person")
    assert world.suppressed("maria@example.org") == {"patient_surveys"}

    world.chooses(maria, into("patient_surveys", "email"), occurred=timezone.now() + timedelta(seconds=1))
    world.drain()
    assert world.suppressed("maria@example.org") == set()


@pytest.mark.parametrize("system", ["sendgrid", "salesforce", "fhir", "webhook"])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "times": 3},
        {"status": 429, "retry_after": 1, "times": 2},
        {"garbage": True, "times": 2},
        {"status": 500, "apply": True, "times": 2},
        {"partial": True, "times": 2},
    ],
    ids=lambda fault: "-".join(map(str, fault)),
)
def test_a_system_that_fails_is_told_in_the_end(world, maria, system, fault):
    if system == "webhook" and fault.get("garbage"):
        del fault["garbage"]  # a 2xx is all that Standard Webhooks asks of an answer
        fault["status"] = 502
    world.faults(system, **fault)
    world.chooses(maria, out("marketing_emails", "email"), out("care_follow_ups", "sms"))
    for _ in range(12):
        world.drain()
        world.later()
    world.quiet()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}
    assert world.contact("RH1")["Care_Follow_Ups_Sms_Opt_Out__c"] is True
    assert world.consents("RH1")["care_follow_ups"] == "active deny"
    assert not world.snapshot(email="maria@example.org")["preferences"]["care_follow_ups"]["sms"]["allowed"]


def test_a_worker_killed_before_its_call_loses_nothing(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    delivery_of(world, "sendgrid", kill="before the call")
    world.quiet()

    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_a_worker_killed_after_its_call_is_seen_and_followed_by_one_repeat(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    delivery_of(world, "sendgrid", kill="after the call")
    world.quiet()

    lost = Attempt.objects.filter(propagation__destination__slug="sendgrid", reason="no_answer")
    assert lost.count() == 1
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_what_a_killed_worker_wrote_is_put_before_staff_where_its_reason_has_ended(world, maria):
    world.pauses(maria, "marketing_emails", days=30)
    delivery_of(world, "sendgrid", kill="after the call")
    world.ends_pause(maria, "marketing_emails")
    world.quiet()

    row = Propagation.objects.get(destination__slug="sendgrid", identifier__kind="email")
    assert (row.state, row.reason) == ("stuck", "needs_person")
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_a_killed_worker_that_wrote_nothing_leaves_nothing_to_look_at(world, maria):
    world.pauses(maria, "marketing_emails", days=30)
    delivery_of(world, "sendgrid", kill="before the call")
    world.ends_pause(maria, "marketing_emails")
    world.quiet()

    row = Propagation.objects.get(destination__slug="sendgrid", identifier__kind="email")
    assert row.state in TOLD
    assert world.suppressed("maria@example.org") == set()


@pytest.mark.parametrize("system", ["salesforce", "fhir"])
def test_where_nothing_is_left_to_tell_somebody_looks_at_what_a_killed_worker_wrote(world, maria, system):
    world.pauses(maria, "marketing_emails", days=30)
    delivery_of(world, system, kill="after the call")
    world.ends_pause(maria, "marketing_emails")
    world.quiet()

    assert Propagation.objects.get(destination__slug=system).reason == "needs_person"


def test_what_a_killed_worker_wrote_is_shown_though_there_is_more_to_tell(world, maria):
    world.chooses(maria, out("patient_surveys", "email"))
    world.pauses(maria, "marketing_emails", days=30)
    delivery_of(world, "salesforce", kill="after the call")
    world.ends_pause(maria, "marketing_emails")
    world.quiet()

    row = Propagation.objects.get(destination__slug="salesforce")
    assert (row.state, row.reason) == ("stuck", "needs_person")
    assert "Marketing_Emails_Email_Opt_Out__c" in row.detail
    assert world.contact("RH1")["Patient_Surveys_Email_Opt_Out__c"] is True


def test_a_consent_that_a_killed_worker_left_is_shown_though_there_is_more_to_tell(world, maria):
    world.chooses(maria, out("patient_surveys", "email"))
    world.pauses(maria, "marketing_emails", days=30)
    delivery_of(world, "fhir", kill="after the call")
    world.ends_pause(maria, "marketing_emails")
    world.quiet()

    row = Propagation.objects.get(destination__slug="fhir")
    stands = world.consents("RH1").get("marketing_emails", "")
    assert row.reason == "needs_person" or stands.startswith("inactive")
    assert world.consents("RH1")["patient_surveys"] == "active deny"


def test_a_killed_worker_that_wrote_nothing_leaves_nobody_stuck_though_there_is_more_to_tell(world, maria):
    world.chooses(maria, out("patient_surveys", "email"))
    world.pauses(maria, "marketing_emails", days=30)
    delivery_of(world, "salesforce", kill="before the call")
    world.ends_pause(maria, "marketing_emails")
    world.quiet()

    assert Propagation.objects.get(destination__slug="salesforce").state in TOLD
    assert world.contact("RH1")["Patient_Surveys_Email_Opt_Out__c"] is True


def test_a_settle_that_comes_after_its_lease_ended_writes_nothing(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    late = delivery_of(world, "sendgrid", kill="before it settles")
    world.later()
    newer = delivery_of(world, "sendgrid", kill="before it settles")
    assert late is not None
    assert newer is not None
    delivery.settle(late)
    assert Propagation.objects.filter(lease_token=newer.turn.token).exists()


def test_a_paused_system_is_told_when_it_goes_on(world, maria):
    sendgrid = Destination.objects.get(slug="sendgrid")
    set_state(destination=sendgrid, state=DestinationState.PAUSED)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    assert world.suppressed("maria@example.org") == set()

    set_state(destination=sendgrid, state=DestinationState.LIVE)
    world.drain()
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_an_unknown_group_stops_the_batch_and_staff_may_retry_it(world, maria):
    sendgrid = Destination.objects.get(slug="sendgrid")
    sendgrid.settings["groups"] = {"marketing_emails": 999}
    sendgrid.save()
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    row = Propagation.objects.get(destination=sendgrid, identifier__kind="email")
    assert (row.state, row.reason) == ("stuck", "rejected_config")
    assert "global" not in world.record_of("sendgrid", email="maria@example.org")

    sendgrid.settings["groups"] = {"marketing_emails": 101}
    sendgrid.save()
    assert retry(propagation_ids=[row.pk], by="sam") == 1
    world.drain()
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_an_opt_out_for_an_address_nobody_has_reaches_lists_and_webhook(world):
    world.identifies("crm", [out("marketing_emails")], email="nobody@example.org")
    world.drain()

    assert world.suppressed("nobody@example.org") == {"marketing_emails"}
    assert world.snapshot(email="nobody@example.org")["restrictions"][0]["category"] == "marketing_emails"


def test_attempts_hold_no_address(world, maria):
    world.faults("sendgrid", status=400, times=1)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    kept = " ".join(str(row) for row in Attempt.objects.values_list("call", "detail", "excerpt"))
    assert "maria" not in kept
    assert "RH1" not in kept


def test_the_outbox_is_empty_and_everyone_marked_after_a_drain(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    assert Outbox.objects.count() == 1
    world.drain()
    assert Outbox.objects.count() == 0


def delivery_of(world: World, system: str, kill: str) -> Report[Any] | None:
    """One turn of one system by hand, ended where a kill -9 would end it."""
    while marking.mark(timezone.now()):
        pass
    turn = delivery.take(Destination.objects.get(slug=system).pk, 50)
    assert turn is not None
    if kill == "before the call":
        return None
    return sending.send(turn)


def test_names_are_normalised_before_they_are_compared():
    assert named("email", " Maria@Example.ORG ", "ehr") == named("email", "maria@example.org", "crm")


def test_revoked_credentials_hold_opt_outs_until_new_ones_are_entered(world, maria):
    sendgrid = Destination.objects.get(slug="sendgrid")
    enter_key(sendgrid, "revoked")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    row = Propagation.objects.get(destination=sendgrid, identifier__kind="email")
    assert (row.state, row.reason) == ("stuck", "rejected_auth")
    assert row.due_at is not None, "an opt-out is never given up"

    enter_key(sendgrid, "SG.new")
    world.drain()
    assert world.suppressed("maria@example.org") == {"marketing_emails"}


def test_a_new_system_learns_what_stands_and_resubscribes_nobody(world, maria):
    world.chooses(maria, out("marketing_emails", "email"))
    world.plant("sendgrid", suppressed=[{"email": "maria@example.org", "group": 104}])
    Propagation.objects.filter(destination__slug="sendgrid").delete()
    enter_key(Destination.objects.get(slug="sendgrid"), "SG.again")
    world.drain()

    assert world.suppressed("maria@example.org") == {"marketing_emails", "care_follow_ups"}


def enter_key(sendgrid: Destination, key: str) -> None:
    save_destination(
        destination=sendgrid,
        connector="sendgrid",
        slug="sendgrid",
        name="SendGrid",
        public_label="our email service",
        purpose="marketing",
        state="live",
        settings=sendgrid.settings,
        secrets={"api_key": key},
        agreement="a sandbox",
        author="sam",
    )
