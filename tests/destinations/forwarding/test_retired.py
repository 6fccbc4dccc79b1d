"""A category that a rule names is retired: events stop, staff are told, and last month reads as it did."""

import html

from config import doctor
from destinations.forwarding.wording import explained
from preferences.models import Category
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.destinations.forwarding.conftest import standing


def retire(slug):
    body = Category.objects.get(key=slug).body
    publish(kind=RevisionKind.CATEGORY, key=slug, body={**body, "retired": True}, author="ann", reason="gone")


def test_what_names_a_retired_category_blocks_alarms_and_changes_no_earlier_answer(hospital, admin_client):
    hospital.connects("webhook", purpose="marketing")
    hospital.world.registers(mrn="RH1", email="a@example.org")
    last_month = hospital.tracks(mrn="RH1")
    hospital.drain()
    before = explained(standing(last_month, "webhook"))
    assert standing(last_month, "webhook").state == "sent"

    retire("marketing_emails")
    now = hospital.tracks(mrn="RH1")
    hospital.drain()

    row = standing(now, "webhook")
    assert (row.state, row.rules) == ("blocked", ["marketing-emails-out"])
    assert hospital.heard("webhook") == ["appointment_booked"]
    assert "marketing_emails is retired" in html.unescape(admin_client.get("/admin/").text)
    [found] = [each for each in doctor.examine() if each.check == "policy"]
    assert found.level == "wrong"
    assert "marketing_emails is retired" in found.words
    assert explained(standing(last_month, "webhook")) == before
    assert before is not None
    assert before.agrees
