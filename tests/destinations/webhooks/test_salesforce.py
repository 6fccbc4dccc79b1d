"""What a Flow at Salesforce says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from destinations.models import Destination, InboundEvent
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.vendors.salesforce import contacts_name
from preferences import selectors
from preferences.models import Change, Source
from preferences.services import Choice
from preferences.terms import State
from tests.factories import PatientFactory

SECRET, OURS, NURSE = "a-bearer-secret", "0058d0000000001AAA", "0058d0000000002AAA"
BOX = "Marketing_Emails_Email_Opt_Out__c"


@pytest.fixture
def flow(world: Any, client: Client) -> Callable[..., Any]:
    save_inbound(
        slug="salesforce-flow",
        name="Salesforce Flow",
        vendor="salesforce",
        settings={"integration_user": OURS},
        secrets={"secret": SECRET},
        system=Destination.objects.get(slug="salesforce"),
    )

    def send(secret: str = SECRET, **data: str) -> Any:
        answer = client.post(
            "/inbound/salesforce-flow",
            {"type": "preferences.reported", "data": {"says": "opt_out", "changed_by": NURSE, **data}},
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        hear()
        return answer

    return send


@pytest.fixture
def ana(world: Any) -> Any:
    ana = PatientFactory.create()
    world.plant("salesforce", Contact=[{"LastName": "Ruiz", "Email": ana.email}])
    return ana


def record_of(world: Any, ana: Any) -> Any:
    return world.record_of("salesforce", email=ana.email)


@pytest.mark.parametrize("field", [BOX, "Marketing_Emails_Email_Opt_Out__pc"])
def test_a_box_that_is_ticked_is_a_no_of_its_category_and_channel(flow, ana, field):
    assert flow(email=ana.email, field=field, record="0038d00000AbCdEAAX").status_code == 200
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed
    assert selectors.decide(ana.id, "appointment_reminders", "email").allowed


def test_what_heed_ticked_for_a_pause_is_no_choice_however_late_the_flow_says_so(flow, ana, world):
    world.pauses(ana.id, "marketing_emails", days=30)
    world.quiet()
    assert record_of(world, ana)[BOX] is True
    before, told = (
        Change.objects.count(),
        {"email": ana.email, "field": BOX, "record": record_of(world, ana)["Id"]},
    )
    flow(**told, changed_by=OURS[:15], occurred_at="2031-01-01T00:00:00Z")
    assert InboundEvent.objects.get().became == "our own write, coming back"
    assert Change.objects.count() == before

    world.ends_pause(ana.id, "marketing_emails")
    world.quiet()
    assert record_of(world, ana)[BOX] is False


def test_a_box_that_staff_untick_is_no_yes_of_the_person_and_is_ticked_again(flow, ana, world):
    world.chooses(ana.id, Choice("marketing_emails", "email", State.OUT))
    world.quiet()
    key = record_of(world, ana)["Id"]
    world.plant("salesforce", Contact=[{"Id": key, BOX: False}])
    flow(says="opt_in", email=ana.email, field=BOX, record=key)
    world.quiet()
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed
    assert record_of(world, ana)[BOX] is True


def test_without_a_field_the_words_of_the_signed_webhook_hold(flow, ana):
    flow(phone=ana.phone, says="do_not_call")
    assert selectors.decide(ana.id, "appointment_reminders", "phone").reason == "restriction"


def test_without_a_field_what_heed_did_itself_is_nothing(flow, ana):
    flow(phone=ana.phone, says="do_not_call", changed_by=OURS)
    assert InboundEvent.objects.get().state == "nothing"


@pytest.mark.parametrize("secret", ["", "guess"])
def test_without_the_secret_nothing_is_heard(flow, ana, secret):
    assert flow(secret, email=ana.email, field=BOX).status_code == 401
    assert not InboundEvent.objects.exists()


def test_a_box_that_is_ticked_unticked_and_ticked_again_is_a_no(flow, ana):
    Source.objects.filter(slug="salesforce-flow").update(speaks_for_person=True)
    for says in ("opt_out", "opt_in", "opt_out"):
        flow(says=says, email=ana.email, field=BOX, record="0038d00000AbCdEAAX")
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed


@pytest.mark.parametrize(
    ("field", "contacts"),
    [
        ("PersonHasOptedOutOfEmail", "HasOptedOutOfEmail"),
        ("Reminders_Opt_Out__pc", "Reminders_Opt_Out__c"),
        ("Personal_Texts_Opt_Out__c", "Personal_Texts_Opt_Out__c"),
    ],
)
def test_a_field_is_known_by_the_name_that_contacts_have_for_it(field, contacts):
    assert contacts_name(field) == contacts


def test_what_a_nurse_ticks_just_after_heed_wrote_is_a_no_all_the_same(flow, ana, world):
    world.pauses(ana.id, "marketing_emails", days=30)
    world.quiet()
    flow(email=ana.email, field=BOX, record=record_of(world, ana)["Id"])
    world.ends_pause(ana.id, "marketing_emails")
    world.quiet()
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed
    assert record_of(world, ana)[BOX] is True


def test_a_yes_that_names_no_box_is_a_yes_to_nothing_and_says_what_it_lacks(flow, ana, world):
    Source.objects.filter(slug="salesforce-flow").update(speaks_for_person=True)
    before = Change.objects.count()
    assert flow(says="opt_in", email=ana.email).status_code == 200
    kept = InboundEvent.objects.get()
    assert kept.state == "kept"
    assert "field" in kept.fault
    assert Change.objects.count() == before
    assert not selectors.decide(ana.id, "phone_outreach", "sms").allowed


def test_a_yes_that_names_its_category_needs_no_box(flow, ana):
    Source.objects.filter(slug="salesforce-flow").update(speaks_for_person=True)
    flow(says="opt_in", email=ana.email, category="patient_surveys", channel="email")
    assert InboundEvent.objects.get().state == "counted"


def test_a_no_that_names_no_box_silences_the_address(flow, ana):
    flow(email=ana.email)
    assert not selectors.decide(ana.id, "marketing_emails", "email").allowed
