"""A privacy officer writes the first rule, tries it, publishes it, and sees it bite; without script too."""

import pytest
from playwright.sync_api import expect

from destinations.models import Forwarding
from destinations.tasks import estimate
from governance.mission import BODY
from governance.terms import POLICY
from preferences.services import issue_key, publish
from preferences.terms import RevisionKind, Scope
from tests.browser.conftest import VIEWPORTS, Device
from tests.browser.hands import press
from tests.destinations.forwarding.conftest import OPEN, hospital, trackers
from tests.world import out

pytestmark = pytest.mark.browser
__all__ = ["hospital", "trackers"]
NAME = "No marketing emails: nothing to marketing"


@pytest.fixture(params=["phone", "desktop", "desktop without script"])
def device(request):
    name, _, without = request.param.partition(" without ")
    return Device(request.param, {"viewport": VIEWPORTS[name], "java_script_enabled": not without})


@pytest.fixture
def heard(hospital, client):
    """A partner tells by the API that somebody booked; what the marketing system was sent of it."""
    hospital.connects("webhook")
    person = hospital.world.registers(mrn="RH1", email="joan@example.org").profile_id
    hospital.world.chooses(person, out("marketing_emails"))
    source = hospital.world.sources["ehr"]
    key = issue_key(name="Bookings", source=source, scopes=[Scope.WRITE_EVENTS])
    numbers = iter(range(10))

    def books():
        told = {
            "event": "appointment_booked",
            "userId": "joan",
            "context": {"traits": {"email": "joan@example.org"}},
            "messageId": f"b{next(numbers)}",
        }
        headers = {"authorization": f"Bearer {key.secret}"}
        answer = client.post("/v1/track", told, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.text
        hospital.turn("webhook")
        return hospital.heard("webhook")

    return books


def without_the_example():
    """The policy from the start less its example about marketing emails; marketing is open."""
    rules = [each for each in BODY["rules"] if each["id"] != "marketing-emails-out"]
    body = {"rules": rules, "stances": OPEN}
    publish(kind=RevisionKind.POLICY, key=POLICY, body=body, author="ann", reason="To begin with")


def writes_the_rule(desk, look):
    desk.goto("/admin/rules/policy/")
    look("policy-stands")
    desk.get_by_role("link", name="Change the rules").click()
    look("policy-drafting")
    desk.get_by_role("link", name="Add a rule").first.click()
    desk.get_by_label("Name", exact=True).fill(NAME)
    press(desk, "Add this condition")
    expect(desk.locator("#c0")).to_be_visible()
    desk.get_by_label("Marketing", exact=True).check()
    press(desk, "Keep it in my draft")
    expect(desk.locator("#c0 .heed-error")).to_contain_text("Choose a category.")
    look("policy-wrong")

    desk.locator("#c0").get_by_label("Category").select_option(label="Marketing emails")
    press(desk, "Show what happens")
    line = desk.get_by_role("row").filter(has_text="webhook")
    expect(line).to_contain_text("Differs")
    line.get_by_text("Rule by rule").last.click()
    expect(line).to_contain_text("Applies.")
    desk.get_by_text("What would leave, by the rules in force").click()
    expect(desk.get_by_text('"event": "appointment_booked"')).to_be_visible()
    look("policy-simulated")


def asks_what_it_would_have_done(desk, look, device):
    press(desk, "Keep it in my draft")
    desk.get_by_label("Why").fill("Whoever wants no emails is not marketed to")
    press(desk, "See what it changes, and publish")
    expect(desk.get_by_role("row").filter(has_text=NAME)).to_contain_text("block for Marketing systems")
    press(desk, "Ask it about the events of the last 30 days")
    expect(desk.get_by_text("so far")).to_be_visible()
    estimate()
    if not device.options["java_script_enabled"]:
        desk.reload()
    expect(desk.get_by_text("would have blocked 1 more and released 0 events")).to_be_visible()
    look("policy-compared")


def test_the_first_rule_is_written_tried_published_and_bites(desk, look, device, heard):
    without_the_example()
    assert heard() == ["appointment_booked"]

    writes_the_rule(desk, look)
    asks_what_it_would_have_done(desk, look, device)
    press(desk, "Publish")
    expect(desk.get_by_text("is published: events are judged by it from now on")).to_be_visible()

    assert heard() == ["appointment_booked"]
    blocked = Forwarding.objects.latest("id")
    assert (blocked.state, blocked.rules) == ("blocked", ["no-marketing-emails-nothing-to-marketing"])

    if device.options["java_script_enabled"]:  # unfold's own pages stay hidden without script
        shows_which_rule(desk, look, blocked)


def shows_which_rule(desk, look, blocked):
    desk.goto(f"/admin/destinations/forwarding/{blocked.pk}/change/")
    desk.get_by_role("link", name=NAME).first.click()
    expect(desk.locator(f"#rule-{blocked.rules[0]}")).to_be_visible()
    look("policy-explained")
