"""What HubSpot's webhooks say, and whose record they mean."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from destinations.connectors.hubspot import HubSpot
from destinations.contract import Settings
from destinations.models import Destination, InboundEvent
from destinations.sandbox import HubSpotSandbox, running
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from destinations.vendors.contract import Incoming, NotAuthentic
from destinations.vendors.hubspot import HubSpotEvents
from preferences import selectors
from preferences.identity import named
from preferences.models import Change, Review
from preferences.services import Choice
from preferences.terms import State
from tests.factories import PatientFactory
from tests.world import World, connect

VECTORS = Path(__file__).parents[3].parent / "shared" / "specs" / "signature_vectors.json"
SECRET, URL = "a-client-secret", "https://heed.example/inbound/hubspot-events"


@pytest.fixture
def portal(db: None, settings: Any) -> Iterator[World]:
    settings.HEED_PRIVATE_HOSTS, settings.PUBLIC_URL = {}, "https://heed.example"
    with running(HubSpotSandbox()) as sandbox:
        world = connect({"hubspot": sandbox})
        types = [{"id": 11, "name": "Newsletter"}, {"id": 12, "name": "Feedback"}]
        targets = [row["target"].partition(".") for row in HubSpot.rows]
        boxes = [{"name": name} for kind, _, name in targets if kind == "properties"]
        world.plant("hubspot", types=types, properties=boxes)
        save_inbound(
            slug="hubspot-events",
            name="HubSpot events",
            vendor="hubspot",
            settings={},
            secrets={"client_secret": SECRET},
            speaks_for_person=True,
            system=Destination.objects.get(slug="hubspot"),
        )
        yield world


@pytest.fixture
def tell(portal: World, client: Client) -> Callable[..., Any]:
    def send(*events: dict[str, Any], at: datetime | None = None, secret: str = SECRET) -> Any:
        body, timestamp = json.dumps(events), str(int((at or timezone.now()).timestamp() * 1000))
        digest = hmac.digest(secret.encode(), f"POST{URL}{body}{timestamp}".encode(), "sha256")
        answer = client.post(
            "/inbound/hubspot-events",
            body,
            content_type="application/json",
            headers={
                "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
                "X-HubSpot-Request-Timestamp": timestamp,
            },
        )
        hear()
        return answer

    return send


@pytest.fixture
def ana(portal: World) -> Any:
    ana = PatientFactory.create()
    portal.plant("hubspot", contacts=[{"id": "501", "email": ana.email, "updatedAt": "2026-01-01T00:00:00Z"}])
    return ana


def changed(name: str, value: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "eventId": number,
        "subscriptionId": 7,
        "subscriptionType": "contact.propertyChange",
        "propertyName": name,
        "propertyValue": value,
        "objectId": 501,
        "occurredAt": int(timezone.now().timestamp() * 1000),
        "changeSource": "FORM",
        "attemptNumber": 0,
        **more,
    }


def allowed(category: str, email: str, channel: str = "email") -> bool:
    [found] = selectors.decide_many(category, channel, [selectors.Question(named=named("email", email))])
    return found.allowed


def states() -> list[tuple[str, str]]:
    return list(InboundEvent.objects.order_by("id").values_list("event", "state"))


def test_the_record_that_an_event_names_is_looked_up_and_one_type_is_one_category(tell, ana):
    assert tell(changed("hs_email_optout_11", "true")).status_code == 200
    assert not allowed("marketing_emails", ana.email)
    assert allowed("patient_surveys", ana.email)
    assert states() == [("hs_email_optout_11", "counted")]


def test_who_is_out_of_all_email_there_is_out_of_every_type(tell, ana):
    tell(changed("hs_email_optout", "true"))
    assert not allowed("marketing_emails", ana.email)
    assert not allowed("patient_surveys", ana.email)
    assert allowed("appointment_reminders", ana.email)


def test_a_box_that_is_ticked_is_a_no_of_its_category_by_text(tell, ana):
    tell(changed("appointment_reminders_sms_opt_out", "true"))
    assert not selectors.decide(ana.id, "appointment_reminders", "sms").allowed
    assert selectors.decide(ana.id, "appointment_reminders", "email").allowed


@pytest.mark.parametrize(("object_type", "state"), [("0-1", "counted"), ("0-2", "kept")])
def test_the_generic_webhooks_say_by_a_number_that_it_is_a_contact(tell, ana, object_type, state):
    kind = {"subscriptionType": "object.propertyChange", "objectTypeId": object_type}
    tell(changed("hs_email_optout_11", "true", **kind))
    assert [each for _, each in states()] == [state]
    assert allowed("marketing_emails", ana.email) is (state == "kept")


def test_the_same_event_tried_again_counts_once(tell, ana):
    event = changed("hs_email_optout_11", "true")
    tell(event)
    tell({**event, "attemptNumber": 1})
    assert InboundEvent.objects.count() == 1


def test_what_heed_wrote_for_a_pause_does_not_come_back_as_a_choice(tell, ana, portal):
    portal.pauses(ana.id, "marketing_emails", days=30)
    portal.quiet()
    before = Change.objects.count()
    tell(changed("hs_email_optout_11", "true", changeSource="API"))
    assert Change.objects.count() == before
    assert InboundEvent.objects.get().became == "our own write, coming back"

    portal.ends_pause(ana.id, "marketing_emails")
    portal.quiet()
    assert allowed("marketing_emails", ana.email)
    before = Change.objects.count()
    tell(changed("hs_email_optout_11", "false", 2, changeSource="API"))
    portal.quiet()
    assert Change.objects.count() == before


def test_a_pause_that_was_over_before_our_own_write_came_back_leaves_no_choice_behind(tell, ana, portal):
    portal.pauses(ana.id, "marketing_emails", days=30)
    portal.quiet()
    wrote = changed("hs_email_optout_11", "true", changeSource="API")
    portal.ends_pause(ana.id, "marketing_emails")
    portal.quiet()
    tell(wrote)
    assert allowed("marketing_emails", ana.email)
    assert states() == [("hs_email_optout_11 stands no more", "nothing")]


def test_our_own_write_is_known_for_ours_however_late_it_comes_back(tell, ana, portal):
    portal.pauses(ana.id, "marketing_emails", days=30)
    portal.quiet()
    before = Change.objects.count()
    ago = int((timezone.now() - timedelta(minutes=40)).timestamp() * 1000)
    tell(changed("hs_email_optout_11", "true", changeSource="API", occurredAt=ago))
    assert Change.objects.count() == before


def test_a_no_by_another_program_that_still_stands_counts(tell, ana, portal):
    portal.plant("hubspot", statuses=[{"email": ana.email, "type": 11, "status": "UNSUBSCRIBED"}])
    tell(changed("hs_email_optout_11", "true", changeSource="INTEGRATION"))
    assert not allowed("marketing_emails", ana.email)


def test_what_the_person_said_there_stays_when_the_pause_of_ours_ends(tell, ana, portal):
    portal.pauses(ana.id, "marketing_emails", days=30)
    portal.quiet()
    later = timezone.now() + timedelta(hours=1)
    tell(changed("hs_email_optout_11", "true", occurredAt=int(later.timestamp() * 1000)))
    portal.ends_pause(ana.id, "marketing_emails")
    portal.quiet()
    statuses = portal.record_of("hubspot", email=ana.email)["statuses"]
    assert {each["subscriptionId"]: each["status"] for each in statuses}[11] == "UNSUBSCRIBED"


@pytest.mark.parametrize(("source", "counts"), [("FORM", True), ("IMPORT", False)])
def test_a_yes_counts_if_the_person_said_it_and_is_undone_if_a_program_did(tell, ana, portal, source, counts):
    before = timezone.now() - timedelta(minutes=1)
    portal.chooses(ana.id, Choice("marketing_emails", "email", State.OUT), occurred=before)
    portal.quiet()
    portal.plant("hubspot", statuses=[{"email": ana.email, "type": 11, "status": "SUBSCRIBED"}])
    tell(changed("hs_email_optout_11", "false", changeSource=source))
    portal.quiet()
    assert allowed("marketing_emails", ana.email) is counts
    statuses = portal.record_of("hubspot", email=ana.email)["statuses"]
    found = {each["subscriptionId"]: each["status"] for each in statuses}[11]
    assert found == ("SUBSCRIBED" if counts else "UNSUBSCRIBED")


def test_where_hubspot_does_not_say_whose_record_it_is_it_is_asked_again(tell, ana, portal):
    portal.faults("hubspot", status=503)
    tell(changed("hs_email_optout_11", "true"))
    event = InboundEvent.objects.get()
    assert (event.state, "did not say" in event.fault) == ("later", True)
    assert allowed("marketing_emails", ana.email)

    portal.heal()
    hear(timezone.now() + timedelta(days=1))
    assert not allowed("marketing_emails", ana.email)


def test_events_that_cannot_be_counted_are_kept(tell, ana):
    tell(
        changed("hs_email_optout_11", "true", 1, objectId=999),
        changed("firstname", "Ana", 2),
        changed("hs_email_optout_99", "true", 3),
    )
    assert [state for _, state in states()] == ["kept"] * 3
    assert {each.kind for each in Review.objects.all()} == {"opt_out_unplaced"}


@pytest.mark.parametrize("fault", ["another secret", "old"])
def test_a_call_that_is_not_proved_is_refused(tell, ana, fault):
    event, late = changed("hs_email_optout_11", "true"), timezone.now() - timedelta(minutes=6)
    answer = tell(event, at=late) if fault == "old" else tell(event, secret=fault)
    assert answer.status_code == 401
    assert not InboundEvent.objects.exists()


def test_hubspots_own_signature_is_taken_and_no_other():
    if not VECTORS.exists():
        pytest.skip("the vendors' signatures are not on this machine")
    vector = json.loads(VECTORS.read_text())["hubspot"]
    now = datetime.fromtimestamp(int(vector["timestamp"]) / 1000, UTC)
    headers = {"x-hubspot-request-timestamp": vector["timestamp"]}
    settings = Settings({"client_secret": vector["client_secret"]})

    def check(signature: str, url: str = vector["url"]) -> None:
        signed = {**headers, "x-hubspot-signature-v3": signature}
        call = Incoming(vector["method"], url, vector["body"].encode(), signed)
        HubSpotEvents().check(call, settings, now)

    check(vector["signature_v3"])
    for signature in (vector["signature_v2"], vector["signature_v1"], ""):
        with pytest.raises(NotAuthentic):
            check(signature)
    with pytest.raises(NotAuthentic):
        check(vector["signature_v3"], url=vector["url"] + "?x=1")
