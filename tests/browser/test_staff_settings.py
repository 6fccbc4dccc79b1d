"""Settings and systems as staff see them, at a desk and on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from destinations.models import Destination, Propagation, Reconciliation
from destinations.services import save_destination
from preferences.models import Category, Identifier, Review
from preferences.services import issue_key
from preferences.terms import RevisionKind, Scope
from tests.factories import PatientFactory, SourceFactory
from tests.preferences.preparing import prepared
from tests.preferences.saying import publish

pytestmark = pytest.mark.browser
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


@pytest.fixture
def systems(live_server):
    """One that fares well, one that does not, one that nobody ever told anything."""
    for slug, name in (("mail", "SendGrid"), ("record", "Patient record"), ("desk", "Front desk")):
        Destination.objects.create(
            slug=slug, name=name, public_label=name, connector="sendgrid", agreement="BAA of 2026"
        )
    _owes("mail", acknowledged=12, pending=3)
    _owes("record", verified=4, later=2, stuck=1)
    waits = timezone.now() - timedelta(hours=3)
    Propagation.objects.filter(destination__slug="record", state="later").update(denied_at=waits)
    return save_destination(
        destination=Destination.objects.get(slug="mail"),
        connector="sendgrid",
        slug="mail",
        name="SendGrid",
        public_label="Our email service",
        purpose="marketing",
        state="live",
        settings={"base_url": "https://api.sendgrid.com", "groups": {"marketing_emails": 101}},
        secrets={"api_key": "SG.first"},
        agreement="BAA of 2026",
        author="tests",
    )


def _owes(slug, **states):
    system = Destination.objects.get(slug=slug)
    for state, count in states.items():
        for _ in range(count):
            PatientFactory(phone="")
            held = Identifier.objects.filter(kind="email").latest("created_at")
            done = timezone.now() - timedelta(minutes=4)
            Propagation.objects.create(destination=system, identifier=held, state=state, acknowledged_at=done)


@pytest.fixture
def look(desk, look):
    """Open a page, and look at it."""

    def at(path, name):
        desk.goto(path)
        look(f"staff-{name}")

    return at


def test_systems_say_how_they_fare_and_ask_before_they_pause(desk, look, systems):
    look("/admin/destinations/destination/", "systems")
    expect(desk.get_by_text("Needs a person").first).to_be_visible()

    look(f"/admin/destinations/destination/{systems.pk}/change/", "system")
    expect(desk.get_by_text("Marketing emails by email")).to_be_visible()

    look(f"/admin/destinations/destination/{systems.pk}/pause/", "pause")
    desk.get_by_role("button", name="Pause SendGrid").click()
    expect(desk.get_by_text("SendGrid is paused")).to_be_visible()


def test_choosing_a_logo_leaves_the_organisations_name_alone(desk, look, live_server):
    look("/admin/settings/look/", "look")
    name = desk.get_by_label("Name of the organisation")
    before = name.input_value()

    desk.get_by_label("Logo", exact=True).set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": LOGO}
    )

    expect(name).to_have_value(before)
    desk.get_by_label("Reason for this change").fill("Our logo")
    desk.get_by_role("button", name="Publish").click()
    expect(desk.get_by_text("Published. Patients see it from now on.")).to_be_visible()
    expect(name).to_have_value(before)
    here = desk.get_by_alt_text("The logo as it is now").bounding_box()
    desk.goto("/")
    theirs = desk.locator("img.logo").bounding_box()
    assert (here["width"], here["height"]) == (theirs["width"], theirs["height"]) == (54, 54)


def test_a_system_is_set_up_in_two_steps(desk, look, systems):
    look("/admin/destinations/destination/add/", "choose")
    desk.get_by_role("link", name="SendGrid").last.click()
    look(desk.url, "system-new")
    expect(desk.get_by_label("API key")).to_have_attribute("type", "password")


def test_a_category_goes_from_a_draft_by_way_of_a_second_person_to_a_publication(
    desk, look, live_server, django_user_model, client
):
    for _ in range(5):
        PatientFactory()
    look("/admin/preferences/category/", "categories")
    look(f"/admin/preferences/category/{Category.objects.get(key='marketing_emails').pk}/change/", "category")
    desk.get_by_label("How often").first.fill("Once a month")
    desk.get_by_label("Out without a choice in").first.fill("CA-ON")
    desk.get_by_label("Reason for this change").fill("Quebec’s new law, and fewer of them")
    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.get_by_role("heading", name="What this changes")).to_be_visible()
    expect(desk.get_by_text("Kept as a draft")).to_be_visible()
    look(desk.url, "draft")
    desk.get_by_role("button", name="Ask for a second person").click()
    expect(desk.get_by_text("It has waited for one since")).to_be_visible()
    look("/admin/", "home-waiting")

    client.force_login(django_user_model.objects.create_superuser("ben"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    desk.context.add_cookies([cookie])
    desk.goto("/admin/")
    desk.get_by_role("link", name="drafts for a second person").click()
    look(desk.url, "drafts-waiting")
    desk.get_by_role("link", name="Marketing emails").first.click()
    look(desk.url, "draft-second")
    desk.get_by_role("button", name="Publish").click()

    expect(desk.get_by_text("It holds from now on")).to_be_visible()
    look(desk.url, "draft-published")
    look(f"/admin/preferences/revision/{Category.objects.get(key='marketing_emails').pk}/change/", "revision")
    look(
        f"/admin/preferences/category/{Category.objects.get(key='marketing_emails').pk}/change/",
        "category-after",
    )


def test_a_draft_that_somebody_overtook_says_what_changed_meanwhile(desk, look, live_server):
    stands = Category.objects.get(key="patient_surveys")
    first = stands.pk
    body = {**stands.body, "sensitive": True}
    draft = prepared(RevisionKind.CATEGORY, stands.key, body, "admin", "It may say too much")
    publish("patient_surveys", order=35)

    look(f"/admin/preferences/draft/{draft.pk}/change/", "draft-overtaken")
    expect(desk.get_by_role("button", name="Go on with mine")).to_be_visible()
    look(f"/admin/preferences/revision/{first}/bring-back/", "bring-back")


def test_a_key_is_shown_once_and_revoked_with_care(desk, look, live_server):
    source: Any = SourceFactory(slug="ehr", name="Health record")
    key = issue_key(source=source, name="Nightly", scopes=[Scope.WRITE_CHOICES]).key
    look("/admin/preferences/apikey/", "keys")
    look(f"/admin/preferences/apikey/{key.pk}/change/", "key")
    look(f"/admin/preferences/apikey/{key.pk}/revoke/", "revoke")
    look("/admin/preferences/apikey/add/", "key-new")


def test_records_and_matters_are_read_in_words(desk, look, live_server):
    joan: Any = PatientFactory()
    Review.objects.create(
        kind=Review.Kind.OPT_IN_NOT_COUNTED,
        profile_id=joan.id,
        details={"choices": [["marketing_emails", "email", "not_the_person"]]},
    )
    look("/admin/preferences/review/", "matters")
    look(f"/admin/preferences/review/{Review.objects.get().pk}/change/", "matter")
    look("/admin/preferences/change/", "ledger")
    look("/admin/preferences/viewlog/", "views-empty")


def test_a_comparison_says_who_differs_and_which_addresses_are_unknown(desk, look, systems):
    now = timezone.now()
    looked = Reconciliation.objects.create(
        destination=systems, asked_by="Heed", compared_at=now, finished_at=now, looked_at=4210, listed=38
    )
    for number in range(3):
        looked.unknown.create(target="groups.marketing_emails", fingerprint=bytes([number] * 32), sealed=b"x")
    look("/admin/destinations/reconciliation/", "comparisons")
    look(f"/admin/destinations/reconciliation/{looked.pk}/change/", "comparison")
    expect(desk.get_by_text("38 opt-outs read")).to_be_visible()
    look(f"/admin/destinations/reconciliation/{looked.pk}/hold/", "hold")
    expect(desk.get_by_text("Nobody is made a patient")).to_be_visible()


def test_a_role_is_made_of_rights_in_words_and_given_to_an_account(desk, look, django_user_model):
    olga = django_user_model.objects.create_user("olga", is_staff=True)
    look("/admin/auth/group/add/?like=privacy", "role-new")
    expect(desk.get_by_role("checkbox", name="See people Find them")).to_be_checked()
    expect(desk.get_by_label("Connect systems")).not_to_be_checked()
    desk.get_by_role("button", name="Save").click()
    look("/admin/auth/group/", "roles")

    look(f"/admin/auth/user/{olga.pk}/change/", "account")
    desk.get_by_role("checkbox", name="Privacy", exact=True).check()
    desk.get_by_role("button", name="Save").click()
    look("/admin/auth/user/", "accounts")
    assert olga.groups.get().name == "Privacy"


def test_whoever_has_no_role_yet_is_told_whom_to_ask(desk, look, client, django_user_model, live_server):
    client.force_login(django_user_model.objects.create_user("new", is_staff=True))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    desk.context.add_cookies([cookie])

    look("/admin/", "no-rights")
    expect(desk.get_by_text("Ask an administrator")).to_be_visible()
