"""What the desk puts right and protects, through staff's pages and with real systems at the other end."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from destinations.models import Destination
from destinations.services import look_again
from portal.links import link_for
from preferences import clock, identity, services
from preferences.models import Change
from preferences.selectors import decide
from preferences.terms import Reason
from preferences.verify import verify
from tests.destinations.conftest import world
from tests.world import MRN_SYSTEM, World, into

__all__ = ["world"]
pytestmark = pytest.mark.django_db
MARIA, MARIO, NEW = "maria@example.org", "mario@example.org", "+12025550777"
DAY = timedelta(days=1)


@pytest.fixture
def desk(django_user_model) -> Client:
    """An administrator's browser."""
    django_user_model.objects.create_superuser("ruth")
    return Client()


@pytest.fixture
def maria(world: World):
    return _patient(world, "RH1", MARIA, "+12025550101")


@pytest.fixture
def mario(world: World):
    return _patient(world, "RH2", MARIO, "+12025550102")


@pytest.fixture
def on_day(monkeypatch):
    """Days pass, for the engine too."""
    real = timezone.now
    return lambda day: monkeypatch.setattr(timezone, "now", lambda: real() + day * DAY)


def _patient(world: World, mrn: str, email: str, phone: str):
    """Somebody whom the record and the customer system know too."""
    world.plant("salesforce", Contact=[{"LastName": mrn, "Email": email, "Phone": phone, "MRN__c": mrn}])
    numbered = [{"system": MRN_SYSTEM, "value": mrn}]
    world.plant("fhir", Patient=[{"resourceType": "Patient", "id": mrn.lower(), "identifier": numbered}])
    person = world.registers(mrn=mrn, email=email, phone=phone).profile_id
    assert person
    world.chooses(person, into("patient_surveys"), occurred=timezone.now() - 30 * DAY)
    world.quiet()
    return person


def acts(desk: Client, person, act, **told):
    desk.force_login(User.objects.get(username="ruth"))  # a visit lasts no days
    usual = {"how": "call", "taken_by": "Ruth", "day": timezone.localdate(clock.now()).isoformat()}
    answer = desk.post(f"/admin/people/{person}/{act}/", {**usual, **told}, follow=True)
    assert answer.status_code == 200, answer.text
    return answer


def held(world: World, mrn: str, email: str):
    """What each system holds about somebody, of what their choices come to."""
    contact = {name: value for name, value in world.contact(mrn).items() if "Opt" in name or "Emails" in name}
    answers = {
        (category, channel): (answer["state"], answer["allowed"])
        for category, channels in world.snapshot(email=email)["preferences"].items()
        for channel, answer in channels.items()
    }
    standing = {slug: words for slug, words in world.consents(mrn).items() if words != "inactive"}
    return {"lists": world.suppressed(email), "contact": contact, "record": standing, "webhook": answers}


def test_a_choice_on_the_wrong_patient_is_put_right_everywhere(world, desk, maria, mario):
    before = {email: held(world, mrn, email) for mrn, email in (("RH1", MARIA), ("RH2", MARIO))}
    acts(desk, maria, "record", category="marketing_emails", channel="email", answer="opted_out")
    wrong = Change.objects.latest("id").pk
    world.quiet()
    assert world.suppressed(MARIA) == {"marketing_emails"}
    assert world.consents("RH1")["marketing_emails"] == "active deny"
    then = clock.now()

    desk.post(f"/admin/people/{maria}/in-error/{wrong}/", {"to": mario, "reason": "same first name"})
    world.quiet()

    assert held(world, "RH1", MARIA) == before[MARIA]
    assert world.suppressed(MARIO) == {"marketing_emails"}
    assert world.consents("RH2")["marketing_emails"] == "active deny"
    assert not decide(maria, "marketing_emails", "email", at=then).allowed, "as known then"
    assert decide(mario, "marketing_emails", "email", at=then).allowed, "as known then"
    for person, other in ((maria, mario), (mario, maria)):
        assert f"/admin/people/{other}/" in desk.get(f"/admin/people/{person}/").text
    assert not [finding for part in verify() for finding in part.findings]


def test_an_opt_out_during_a_pause_outlives_it_at_the_systems_too(world, desk, maria, mario, on_day):
    for person in (maria, mario):
        acts(desk, person, "pause", categories="marketing_emails", days="30")
    world.quiet()
    assert world.suppressed(MARIA) == world.suppressed(MARIO) == {"marketing_emails"}

    on_day(2)
    acts(desk, maria, "record", category="marketing_emails", channel="*", answer="opted_out")
    world.quiet()
    on_day(31)
    services.hand_over_what_time_changed(clock.now())
    world.quiet()

    assert decide(maria, "marketing_emails", "email").reason == Reason.CHOICE
    assert decide(mario, "marketing_emails", "email").allowed
    assert world.suppressed(MARIA) == {"marketing_emails"}
    assert world.suppressed(MARIO) == set(), "a pause that is over leaves nothing behind"


def test_only_this_new_phone(world, desk, maria):
    acts(desk, maria, "order", channel1="sms", address1=NEW)
    world.quiet()

    new = identity.named("phone", NEW)
    assert decide(maria, "appointment_reminders", "sms", to=new).allowed
    for channel in ("email", "phone", "sms"):
        assert decide(maria, "appointment_reminders", channel).reason == Reason.ORDER
    assert world.suppressed(MARIA) >= {"appointment_reminders", "marketing_emails"}
    assert NEW not in str(world.sandboxes["webhook"].requests)
    assert NEW not in str(world.sandboxes["salesforce"].requests)

    Destination.objects.filter(slug="webhook").update(told_confidential=True)
    look_again(Destination.objects.get(slug="webhook"))
    world.quiet()
    assert NEW in {each["value"] for each in world.snapshot(email=MARIA)["identifiers"]}

    patient = Client()
    shown = patient.get(link_for(maria), follow=True).text
    assert "you asked us to reach you in another way only" in shown
    assert "0777" in shown, "the page names where texts go"
    assert "0101" not in shown, "and no address that the order leaves out"

    acts(desk, maria, "order/end")
    world.quiet()
    assert world.suppressed(MARIA) == set()
