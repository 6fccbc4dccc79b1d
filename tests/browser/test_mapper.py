"""A privacy officer says what a system is told: row by row, with what is sent beside it."""

import pytest
from playwright.sync_api import expect

from destinations.services import save_destination
from preferences.models import Draft, Revision
from tests.browser.hands import press

pytestmark = pytest.mark.browser


@pytest.fixture
def salesforce(live_server):
    return save_destination(
        connector="salesforce",
        slug="crm",
        name="Salesforce",
        public_label="Our contact list",
        purpose="care",
        state="paused",
        settings={"base_url": "https://riverside.my.salesforce.com", "client_id": "heed"},
        secrets={"client_secret": "hush"},
        agreement="BAA of 2026",
        author="tests",
    )


def row(desk, number):
    return desk.locator(f"#row-{number}")


def begins_a_row(desk, target):
    """A new row for an answer about marketing emails; its number."""
    number = desk.locator(".mapper-row").count() + 1
    press(desk, "Add a row")
    expect(row(desk, number)).to_be_visible()
    row(desk, number).get_by_label("Field there").fill(target)
    row(desk, number).get_by_label("Where it comes from").select_option(label="Marketing emails by email")
    return number


def says_it_in_words(desk, number):
    row(desk, number).get_by_label(f"A step for row {number}").select_option(label="Say it in words")
    press(desk, f"Add this step to row {number}")
    row(desk, number).get_by_label("For yes (they said no)").fill("Do not write")
    row(desk, number).get_by_label("For no (they said yes)").fill("May be written to")
    press(desk, "Show what is sent")


def test_a_row_that_cannot_be_is_named_beside_it(desk, look, salesforce):
    desk.goto(f"/admin/destinations/destination/{salesforce.pk}/mapper/")
    look("mapper-opened")
    number = begins_a_row(desk, "Email")
    press(desk, "Show what is sent")

    expect(row(desk, number).locator(".heed-error")).to_contain_text(
        "“Email” is no field that Salesforce has"
    )
    expect(desk.locator("[data-problems]")).to_contain_text(f"Row {number}: “Email” is no field")
    look("mapper-wrong")


def test_a_row_is_built_seen_and_published(desk, look, salesforce):
    desk.goto(f"/admin/destinations/destination/{salesforce.pk}/mapper/")
    says_it_in_words(desk, begins_a_row(desk, "Email_Marketing__c"))
    expect(desk.locator("[data-calls]")).to_contain_text('"Email_Marketing__c": "Do not write"')
    desk.get_by_label("Keep what the preview shows, as").fill("Said no to everything")
    press(desk, "Keep as an example")
    expect(desk.locator(".mapper-examples")).to_contain_text("Said no to everything")
    look("mapper-built")

    desk.get_by_label("Why").fill("The writers read this field")
    press(desk, "See what it changes, and publish")
    expect(desk.get_by_role("row").filter(has_text="Email_Marketing__c")).to_contain_text("say it in words")
    look("mapper-publish")
    press(desk, "Publish")
    expect(desk.get_by_text("is published")).to_be_visible()

    body = Revision.objects.filter(kind="mapper", key="crm").latest("number").body
    assert body["rows"][-1]["steps"] == [{"do": "words", "yes": "Do not write", "no": "May be written to"}]
    assert body["examples"][0]["expect"]["Email_Marketing__c"] == "Do not write"
    assert not Draft.objects.filter(state="draft").exists()
