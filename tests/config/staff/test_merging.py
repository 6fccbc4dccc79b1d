"""Two records that are one person, side by side, made one and parted again by staff."""

import pytest

from preferences import identity, services
from preferences.models import Profile, Review, ViewLog
from preferences.selectors import decide
from preferences.services import Allowed
from preferences.terms import State
from preferences.verify import verify
from tests.config.staff import desk
from tests.config.staff.test_in_error import finding
from tests.portal import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin():
    """Another record with Joan's phone."""
    return people.person(email="joan.b@example.org")


def page(person):
    return f"/admin/people/{person}/"


def compare(one, other):
    return f"{page(one)}same-as/{other}/"


def merge(staff, one, other, reason="same birthday"):
    return staff.post(compare(one, other), {"reason": reason}, follow=True)


def surveys(person):
    return decide(person, "patient_surveys", "email").allowed


def nothing_is_wrong():
    return not [finding for part in verify() for finding in part.findings]


def test_side_by_side_they_show_what_differs_and_what_would_hold(staff, joan, twin):
    people.chose(twin, ("patient_surveys", "email", State.OUT))

    shown = staff.get(compare(joan, twin))

    [row] = shown.context["page"].compared.differing
    assert (row.name, row.channel) == ("Patient surveys", "Email")
    assert [each.said.words for each in (row.one, row.other, row.together)] == ["Never asked", "No", "No"]
    assert people.EMAIL not in shown.text
    assert "The choices of both count" in shown.text
    assert surveys(joan), "nothing is written by looking"
    assert set(ViewLog.objects.values_list("page", "profile_id")) == {
        ("comparison", joan),
        ("comparison", twin),
    }


def test_what_would_hold_is_what_holds_after(staff, joan, twin):
    people.chose(joan, ("patient_surveys", "email", State.IN), ("marketing_emails", "email", State.OUT))
    people.chose(twin, ("patient_surveys", "email", State.OUT))
    said = {row.name: row.together for row in staff.get(compare(joan, twin)).context["page"].compared.answers}

    merge(staff, joan, twin)

    after = staff.get(page(joan)).context["page"].grid
    assert {row.name: [each for each in row.cells if each][-1] for row in after.every} == said
    assert nothing_is_wrong()


def test_they_are_found_compared_merged_listed_and_parted(staff, joan, twin):
    people.chose(twin, ("patient_surveys", "email", State.OUT))
    found = staff.post(f"{page(joan)}same-as/", finding("email", "joan.b@example.org"))
    assert compare(joan, twin) in found.text

    assert "They are one person now." in merge(staff, joan, twin).text
    assert not surveys(joan)
    [part] = staff.get(page(joan)).context["page"].parts
    assert (part.id, part.by) == (twin, "staff (maria)")
    newest = staff.get(page(joan)).context["page"].events[0]
    assert newest.lines[0].person == twin
    assert newest.stays

    parting = staff.get(f"{page(joan)}parts/{twin}/").context["page"]
    assert [each for each in parting.goes if each.startswith("Email")] == ["Email j•••@e•••.org"]
    [phone] = [each for each in parting.goes if each.startswith("Phone")]
    assert phone in parting.stays, "both had it, and both keep it"
    done = staff.post(f"{page(joan)}parts/{twin}/", {"reason": "twins"}, follow=True)
    assert done.redirect_chain[-1][0] == page(twin)
    assert surveys(joan)
    assert not surveys(twin)
    assert staff.get(page(joan)).context["page"].parts == ()
    assert nothing_is_wrong()


def test_two_of_those_who_share_an_address_are_compared(staff, joan, twin):
    found = staff.post("/admin/people/", {"kind": "phone", "value": people.PHONE})
    assert "Two of these are one person" in found.text

    answer = staff.post("/admin/people/two/", {"person": [joan, twin]})
    assert answer.headers["Location"] == compare(joan, twin)
    assert "Choose two" in staff.post("/admin/people/two/", {"person": [joan]}, follow=True).text


def test_two_orders_are_said_before_and_after(staff, joan, twin):
    for person, email in ((joan, people.EMAIL), (twin, "joan.b@example.org")):
        allowed = [Allowed("email", identity.named("email", email))]
        services.order(profile_id=person, allowed=allowed, said=desk.by_staff())

    assert "only what both allow is allowed" in staff.get(compare(joan, twin)).text
    merge(staff, joan, twin)

    assert "two orders allow nothing in common" in staff.get(page(joan)).text
    assert Review.objects.get(kind="two_orders").profile_id == joan


def test_a_merge_needs_a_reason_and_happens_once(staff, joan, twin):
    assert "Say in a few words why." in merge(staff, joan, twin, reason="").text
    assert Profile.objects.get(pk=twin).merged_into_id is None

    merge(staff, joan, twin)

    assert "These are one person already." in merge(staff, joan, twin).text


def test_it_needs_a_permission_of_its_own(client, django_user_model, joan, twin):
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    client.force_login(desk.allow(clerk, "view_profile", "add_change", "void_change"))

    assert client.post(compare(joan, twin), {"reason": "x"}).status_code == 403
    assert "The same person as" not in client.get(page(joan)).text


def test_what_is_no_part_of_them_is_not_found(staff, joan, twin):
    assert staff.get(f"{page(joan)}parts/{twin}/").status_code == 404
