"""Where events went, as staff see it, at a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from destinations.models import Forwarding
from tests.destinations.forwarding.conftest import hospital, trackers
from tests.world import out

pytestmark = pytest.mark.browser
__all__ = ["hospital", "trackers"]


def test_staff_see_why_an_event_went_and_why_another_did_not(live_server, hospital, desk, picture):
    hospital.connects("webhook")
    hospital.connects("meta_conversions")
    ana = hospital.world.registers(mrn="RH1", email="ana@example.org", jurisdiction="US-CA").profile_id
    hospital.tracks(mrn="RH1", properties={"value": 40, "clinic": "North"})
    hospital.drain()
    hospital.world.chooses(ana, out("marketing_emails"))
    hospital.tracks("newsletter_clicked", mrn="RH1")
    hospital.drain()

    desk.goto("/admin/destinations/forwarding/")
    expect(desk.get_by_text("No marketing emails").first).to_be_visible()
    picture(desk, "where-events-went")

    row = Forwarding.objects.filter(state="sent", destination__slug="meta_conversions").get()
    desk.goto(f"/admin/destinations/forwarding/{row.pk}/change/")
    expect(desk.get_by_text("Asked again now, it gives the same answer")).to_be_visible()
    picture(desk, "why-an-event-went")
