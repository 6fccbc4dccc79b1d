"""The allow list as staff keep it: listed, drafted, compared, published; and what was seen and dropped."""

import pytest
from django.contrib.auth.models import Permission

from governance.allowed import AllowedEvent, events
from governance.models import Allowance, SeenNotAllowed
from governance.services import note_seen
from governance.terms import PropertyClass
from preferences import clock
from preferences.models import Draft
from tests.governance.listing import BOOKED, LISTED, allow
from tests.preferences.admin_desk import message, posted, press

pytestmark = pytest.mark.django_db
LIST = "/admin/governance/allowance/"
SEEN = "/admin/governance/seennotallowed/"


@pytest.fixture
def colleague(client, django_user_model):
    """Somebody else who may allow events."""
    ben = django_user_model.objects.create_user("ben", is_staff=True)
    ben.user_permissions.set(Permission.objects.filter(codename__in=("view_allowance", "change_allowance")))
    client.force_login(ben)
    return client


@pytest.fixture
def onlooker(client, django_user_model):
    """Somebody who may look."""
    kim = django_user_model.objects.create_user("kim", is_staff=True)
    kim.user_permissions.set(Permission.objects.filter(codename="view_allowance"))
    client.force_login(kim)
    return client


def page_of(name=BOOKED):
    return f"{LIST}{Allowance.objects.get(key=name).pk}/change/"


def form_of(client, page):
    return client.get(page).context["adminform"].form


def saw(*names):
    note_seen(seen=dict.fromkeys(names, 3), now=clock.now())


def click(client, event, path="", kind="plain"):
    row = SeenNotAllowed.objects.get(event=event, property=path)
    return client.post(f"{SEEN}{row.pk}/allow/{kind}/")


def test_an_empty_list_says_how_it_begins(admin_client):
    assert "No event may come in yet" in admin_client.get(LIST).text
    assert "Nothing was dropped" in admin_client.get(SEEN).text


def test_the_list_says_of_each_event_what_is_kept(admin_client):
    allow(kind="health")

    page = admin_client.get(LIST).text
    for words in (
        BOOKED,
        "Somebody booked",
        "health",
        "Appointment reminders",
        "2 plain, 1 identifier, 1 health",
    ):
        assert words in page


def test_a_new_event_is_drafted_compared_and_published(admin_client):
    form = form_of(admin_client, f"{LIST}add/")
    line = {"path_0": "clinic.name", "class_0": "health", "path_3": "value", "class_3": "plain"}
    told = {
        "name": "visit_ended",
        "what": "A visit ended",
        "kind": "health",
        "categories": ["care_follow_ups"],
    }
    admin_client.post(f"{LIST}add/", posted(form, **told, **line, reason="Surveys"))
    assert not events()
    press(admin_client, "publish")

    event = events()["visit_ended"]
    assert event.properties == {"clinic.name": "health", "value": "plain"}
    assert (event.is_health, event.categories, event.what) == (True, ("care_follow_ups",), "A visit ended")


def test_a_property_is_added_changed_and_left_out(admin_client):
    allow()
    form = form_of(admin_client, page_of())
    lines = {form[path].value(): kind for path, kind in form.lines if form[path].value()}
    assert set(lines) == set(LISTED)
    changed = {lines["value"]: "", lines["doctor.name"]: "identifier", "path_4": "place", "class_4": "plain"}
    admin_client.post(page_of(), posted(form, **changed, reason="Less"))
    press(admin_client, "publish")

    assert events()[BOOKED].properties == {
        "clinic": "health",
        "context.ip": "identifier",
        "doctor.name": "identifier",
        "place": "plain",
    }


def test_guarding_less_waits_for_a_second_person(admin_client, colleague):
    allow()
    form = form_of(admin_client, page_of())
    lines = {form[path].value(): kind for path, kind in form.lines}
    admin_client.post(page_of(), posted(form, **{lines["clinic"]: "plain"}, reason="It is only a place"))
    draft = Draft.objects.get()
    page = f"/admin/preferences/draft/{draft.pk}/change/"
    assert "no longer count as health" in admin_client.get(page).text
    press(admin_client, "publish", page)
    assert events()[BOOKED].properties["clinic"] == "health"
    press(colleague, "publish", page)

    assert events()[BOOKED].properties["clinic"] == "plain"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "pat@example.org"}, "a letter first"),
        ({"name": BOOKED}, "already an event of this name"),
        ({"path_0": "clinic", "class_0": ""}, "Say what it is"),
        ({"path_0": "a..b", "class_0": "plain"}, "names no property"),
        ({"path_0": "x", "class_0": "plain", "path_1": "x", "class_1": "health"}, "stands above already"),
    ],
)
def test_a_slip_is_told_beside_the_form(admin_client, wrong, words):
    allow()
    told = {"name": "visit_ended", "what": "A visit ended", "reason": "Surveys", **wrong}
    answer = admin_client.post(f"{LIST}add/", posted(form_of(admin_client, f"{LIST}add/"), **told))

    assert answer.status_code == 200
    assert words in answer.text
    assert not Draft.objects.exists()


def test_a_draft_is_gone_on_with_from_its_own_page(admin_client):
    form = form_of(admin_client, f"{LIST}add/")
    told = {"name": "visit_ended", "what": "A visit ended", "path_0": "value", "class_0": "plain"}
    answer = admin_client.post(f"{LIST}add/", posted(form, **told, reason="Surveys"))
    edit = admin_client.get(answer.url).context["page"].edit

    again = form_of(admin_client, edit)
    assert (again["name"].value(), again["path_0"].value(), again["reason"].value()) == (
        "visit_ended",
        "value",
        "Surveys",
    )


def test_a_retired_event_is_shown_as_such(admin_client):
    allow()
    admin_client.post(
        page_of(), posted(form_of(admin_client, page_of()), retired="on", reason="No longer sent")
    )
    press(admin_client, "publish")

    assert not events()
    assert "retired" in admin_client.get(LIST).text


def test_what_was_dropped_is_shown_with_how_often(admin_client):
    allow()
    saw(("newsletter_clicked", ""), (BOOKED, "insurer"), ("pat@example.org", ""))

    page = admin_client.get(SEEN).text
    for words in ("newsletter_clicked", "insurer", "Others: what does not look like a name"):
        assert words in page
    assert "pat@example.org" not in page


def test_one_click_allows_a_property_as_what_it_is(admin_client):
    allow()
    saw((BOOKED, "insurer"))
    answer = click(admin_client, BOOKED, "insurer", "identifier")

    assert "may come in from now on, as identifier" in message(admin_client, answer)
    assert events()[BOOKED].properties == {**LISTED, "insurer": "identifier"}
    assert not SeenNotAllowed.objects.exists()


def test_one_click_allows_an_event_and_says_what_is_left_to_do(admin_client):
    saw(("newsletter_clicked", ""))
    answer = click(admin_client, "newsletter_clicked", kind="health")

    assert "which categories it belongs to" in message(admin_client, answer)
    assert events()["newsletter_clicked"].is_health
    assert Allowance.objects.get().author == "admin"


def test_what_was_once_health_is_not_let_in_as_plain_by_one_click(admin_client):
    allow()
    allow(properties={})
    saw((BOOKED, "clinic"))
    answer = click(admin_client, BOOKED, "clinic")

    assert "second person" in message(admin_client, answer)
    assert "clinic" not in events()[BOOKED].properties
    assert SeenNotAllowed.objects.exists()


def test_what_was_allowed_meanwhile_is_no_longer_shown(admin_client):
    saw(("newsletter_clicked", ""), (BOOKED, "insurer"), ("gone", "x"))
    allow("newsletter_clicked", {}, categories=[])
    allow(properties={"insurer": "plain"})

    assert "Nothing was dropped" in admin_client.get(SEEN).text


def test_the_list_opens_however_many_events_are_allowed(admin_client, monkeypatch):
    names = [f"event {letter}{number}" for letter in "abcdefghijkl" for number in range(100)]
    listed = {name: AllowedEvent(name, False, (), {"value": PropertyClass.PLAIN}, 1) for name in names}
    saw(("event a1", "clinic"), ("event a1", "value"))
    monkeypatch.setattr("governance.allowed.events", lambda: listed)

    assert [each.property for each in admin_client.get(SEEN).context["cl"].result_list] == ["clinic"]


def test_who_may_only_look_sees_no_buttons(onlooker):
    saw(("newsletter_clicked", ""))

    assert "newsletter_clicked" in onlooker.get(SEEN).text
    assert "formaction" not in onlooker.get(SEEN).text
    assert click(onlooker, "newsletter_clicked").status_code == 403
    assert onlooker.get(f"{LIST}add/").status_code == 403


def test_looking_is_not_allowing(admin_client):
    saw(("newsletter_clicked", ""))
    row = SeenNotAllowed.objects.get()

    assert admin_client.get(f"{SEEN}{row.pk}/allow/plain/").status_code == 404
    assert admin_client.post(f"{SEEN}{row.pk}/allow/secret/").status_code == 404
    assert not events()
