"""What Mailchimp's audience webhook says."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from destinations.models import Destination, InboundEvent
from destinations.sandbox import MailchimpSandbox, running
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from preferences import selectors
from preferences.deliverability import came_back
from preferences.identity import find, named
from preferences.models import Source
from preferences.services import Choice
from preferences.terms import State
from tests.factories import PatientFactory
from tests.world import World, connect

SECRET = "a-long-random-secret"


@pytest.fixture
def audience(db: None, settings: Any) -> Iterator[World]:
    settings.HEED_PRIVATE_HOSTS = {}
    with running(MailchimpSandbox()) as sandbox:
        world = connect({"mailchimp": sandbox})
        groups = [{"id": "i1", "list": "a1", "name": "Feedback"}]
        world.plant("mailchimp", lists=[{"id": "a1", "name": "Riverside"}], interests=groups)
        save_inbound(
            slug="mailchimp-events",
            name="Mailchimp events",
            vendor="mailchimp",
            settings={},
            secrets={"secret": SECRET},
            speaks_for_person=True,
            system=Destination.objects.get(slug="mailchimp"),
        )
        yield world


@pytest.fixture
def tell(audience: World, client: Client) -> Callable[..., Any]:
    def send(
        kind: str, email: str = "", *, secret: str = SECRET, at: datetime | None = None, **data: str
    ) -> Any:
        form = {"type": kind, "fired_at": f"{at or timezone.now():%Y-%m-%d %H:%M:%S}"}
        form |= {f"data[{name}]": value for name, value in {"list_id": "a1", **data}.items()}
        body = urlencode(form | ({"data[email]": email} if email else {}))
        url = f"/inbound/mailchimp-events?secret={secret}"
        answer = client.post(url, body, content_type="application/x-www-form-urlencoded")
        hear()
        return answer

    return send


def allowed(category: str, email: str) -> bool:
    [found] = selectors.decide_many(category, "email", [selectors.Question(named=named("email", email))])
    return found.allowed


def states() -> list[tuple[str, str]]:
    return list(InboundEvent.objects.order_by("id").values_list("event", "state"))


def test_mailchimp_may_try_the_address(audience, client):
    assert client.get(f"/inbound/mailchimp-events?secret={SECRET}").status_code == 200


def test_who_leaves_the_audience_is_out_of_all_that_it_sends_and_of_nothing_else(tell):
    ana = PatientFactory.create()
    assert tell("unsubscribe", ana.email, action="unsub", reason="manual").status_code == 200
    assert not allowed("marketing_emails", ana.email)
    assert not allowed("patient_surveys", ana.email)
    assert allowed("appointment_reminders", ana.email)
    assert states() == [("unsubscribe", "counted")]


def test_who_was_deleted_by_staff_said_nothing(tell):
    ana = PatientFactory.create()
    tell("unsubscribe", ana.email, action="delete", reason="manual")
    assert allowed("marketing_emails", ana.email)
    assert states() == [("unsubscribe (deleted by staff)", "nothing")]


@pytest.mark.parametrize(("reason", "still"), [("hard", True), ("abuse", False)])
def test_an_address_that_bounces_is_no_no_but_a_complaint_is(tell, reason, still):
    ana = PatientFactory.create()
    tell("cleaned", ana.email, reason=reason)
    assert allowed("marketing_emails", ana.email) is still
    assert allowed("patient_surveys", ana.email)


def test_who_changes_their_address_there_keeps_what_they_chose(tell, audience):
    ana = PatientFactory.create()
    audience.chooses(ana.id, Choice("marketing_emails", "email", State.OUT))
    tell("upemail", old_email=ana.email, new_email="new@example.org")
    assert find([named("email", "new@example.org")])
    assert not allowed("marketing_emails", "new@example.org")
    assert not allowed("marketing_emails", ana.email)


@pytest.mark.parametrize("speaks", [True, False])
def test_a_subscription_counts_if_the_source_speaks_for_the_person_else_it_is_undone(tell, audience, speaks):
    ana = PatientFactory.create()
    Source.objects.filter(slug="mailchimp-events").update(speaks_for_person=speaks)
    audience.plant("mailchimp", members=[{"list": "a1", "email": ana.email}])
    before = timezone.now() - timedelta(minutes=1)
    audience.chooses(ana.id, Choice("marketing_emails", "email", State.OUT), occurred=before)
    audience.quiet()
    assert audience.record_of("mailchimp", email=ana.email)["status"] == "unsubscribed"
    audience.plant("mailchimp", members=[{"list": "a1", "email": ana.email}])
    tell("subscribe", ana.email)
    audience.quiet()
    assert allowed("marketing_emails", ana.email) is speaks
    status = audience.record_of("mailchimp", email=ana.email)["status"]
    assert status == ("subscribed" if speaks else "unsubscribed")


def test_a_group_that_somebody_left_in_their_profile_is_a_no_and_one_they_are_in_is_no_yes(tell, audience):
    ana, bo = PatientFactory.create_batch(2)
    audience.plant("mailchimp", members=[{"list": "a1", "email": ana.email, "interests": {"i1": False}}])
    audience.plant("mailchimp", members=[{"list": "a1", "email": bo.email, "interests": {"i1": True}}])
    tell("profile", ana.email)
    tell("profile", bo.email)
    assert not allowed("patient_surveys", ana.email)
    assert allowed("marketing_emails", ana.email)
    assert allowed("patient_surveys", bo.email)
    assert selectors.decide(bo.id, "patient_surveys", "email").reason == "default"


def test_another_audience_and_strange_events_are_kept(tell):
    tell("unsubscribe", "ana@example.org", list_id="other")
    tell("teleported", "ana@example.org")
    assert [state for _, state in states()] == ["kept", "kept"]
    assert allowed("marketing_emails", "ana@example.org") or not find([named("email", "ana@example.org")])


def test_without_the_secret_nothing_is_heard_and_the_secret_is_never_logged(tell, caplog):
    with caplog.at_level("DEBUG"):
        assert tell("unsubscribe", "ana@example.org", secret="guess").status_code == 401
        assert tell("unsubscribe", "ana@example.org", secret="").status_code == 401
        assert tell("unsubscribe", "ana@example.org").status_code == 200
    assert InboundEvent.objects.count() == 1
    assert SECRET not in caplog.text
    assert "guess" not in caplog.text


def test_an_address_that_was_cleaned_is_known_not_to_work(tell):
    ana = PatientFactory.create()
    tell("cleaned", ana.email, reason="hard")
    [report] = came_back(find([named("email", ana.email)]).values()).values()
    assert report.source == "Mailchimp events"
