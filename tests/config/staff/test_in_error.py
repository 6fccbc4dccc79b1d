"""What was recorded on the wrong patient, put right by staff."""

import pytest

from preferences import clock, identity, services
from preferences.models import Change, Source, ViewLog
from preferences.selectors import decide
from preferences.services import Call, Choice, Said
from preferences.terms import Actor, State
from preferences.verify import verify
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def jean():
    """Almost Joan's name."""
    return people.person(email="jean@example.org", phone="+12025550144")


@pytest.fixture
def wrong(joan):
    """Recorded on Joan's page; it was Jean who rang."""
    staff = Source.objects.get(slug="staff")
    said = Said(staff, Actor.STAFF, clock.now(), {"how": "On a call", "note": "Rang at noon"}, who="maria")
    choices = [Choice("patient_surveys", "email", State.OUT)]
    return services.record(profile_id=joan, choices=choices, said=said).change


def page(person, change):
    return f"/admin/people/{person}/in-error/{change}/"


def finding(kind, value, **more):
    return {"act": "find", "find-kind": kind, "find-value": value, **more}


def events(staff, person):
    return staff.get(f"/admin/people/{person}/").context["page"].events


def surveys(person, **how):
    return decide(person, "patient_surveys", "email", **how).allowed


def test_it_is_found_moved_and_readable_on_both_pages(staff, joan, jean, wrong):
    before = clock.now()
    offered = {each.id: each.may_void for each in events(staff, joan)}
    assert offered[wrong]

    search = finding("email", "jean@example.org", reason="same birthday")
    found = staff.post(page(joan, wrong), search)
    assert [each.id for each in found.context["page"].found.people] == [jean]
    assert "same birthday" in found.text
    assert "jean@example.org" not in found.text
    done = staff.post(page(joan, wrong), {"to": jean, "reason": "same birthday"}, follow=True)

    assert "now stands with Person" in done.text
    assert (surveys(joan), surveys(jean)) == (True, False)
    assert (surveys(joan, at=before), surveys(jean, at=before)) == (False, True)
    void, voided, *_ = events(staff, joan)
    assert voided.id == wrong
    assert voided.lines[0].what.words == "No to Patient surveys: email"
    assert (voided.voided.by, voided.voided.reason) == ("staff (maria)", "same birthday")
    assert voided.voided.moved_to == jean
    assert void.lines[0].entry == wrong
    moved = events(staff, jean)[0]
    assert moved.lines[0].person == joan
    assert ("Note", "Rang at noon") in moved.evidence
    assert not [finding for part in verify() for finding in part.findings]


def test_what_was_nobodys_is_taken_back(staff, joan, wrong):
    done = staff.post(page(joan, wrong), {"act": "void", "reason": "a slip"}, follow=True)

    assert "It no longer counts" in done.text
    assert "Recorded in error</strong>, taken back by staff (maria)" in done.text
    assert surveys(joan)
    assert "It was taken back already" in staff.get(page(joan, wrong)).text


def test_an_address_that_was_given_in_error_is_still_named_in_the_story(staff, joan):
    theirs = identity.named("external_id", f"patient {people.EMAIL}{people.PHONE}", "clinic")
    names = (theirs, identity.named("email", "x@example.org"))
    services.identify(call=Call(names), said=people.said())
    given = Change.objects.filter(subject_id=joan).latest("id").pk

    staff.post(page(joan, given), {"act": "void", "reason": "not hers"})

    [voided] = [each for each in events(staff, joan) if each.id == given]
    assert "Known by: Email x•••@e•••.org" in [line.what.words for line in voided.lines]
    shown = staff.get(f"/admin/people/{joan}/").context["page"].who.addresses
    assert "x•••@e•••.org" not in [each.value for each in shown]


def test_a_stop_on_the_wrong_number_can_only_be_taken_back(staff, joan):
    people.texted_stop()
    stop = Change.objects.latest("id")

    shown = staff.get(page(joan, stop.pk))
    assert "everybody who shares it is concerned" in shown.text
    assert "another patient" not in shown.text
    staff.post(page(joan, stop.pk), {"act": "void", "reason": "mistyped number"})

    assert decide(joan, "appointment_reminders", "sms").allowed


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"act": "void", "reason": ""}, "Say in a few words why."),
        ({"to": "joan", "reason": "slip"}, "This is the person on whom it was recorded."),
        (finding("email", "nobody@example.org"), "Nobody is known by this."),
        (finding("email", people.EMAIL), "That is the person whose page this is."),
        (finding("phone", "12"), "We can’t read this"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(staff, joan, wrong, told, words):
    told = told | ({"to": joan} if "to" in told else {})

    assert words in staff.post(page(joan, wrong), told).text
    assert not surveys(joan)


def test_a_void_is_never_voided(staff, joan, wrong):
    staff.post(page(joan, wrong), {"act": "void", "reason": "a slip"})
    void = Change.objects.latest("id")

    assert not next(each for each in events(staff, joan) if each.id == void.pk).may_void
    assert "A void is never voided" in staff.get(page(joan, void.pk)).text


def test_an_entry_of_somebody_else_is_not_found(staff, jean, wrong):
    assert staff.get(page(jean, wrong)).status_code == 404


def test_every_look_and_every_search_is_noted(staff, joan, wrong):
    staff.get(page(joan, wrong))
    staff.post(page(joan, wrong), finding("email", "jean@example.org"))

    rows = ViewLog.objects.order_by("id").values_list("page", "profile_id", "found")
    noted: list[tuple[object, ...]] = list(rows)
    assert noted[0] == ("recorded in error", joan, None)
    assert ("person search", None, 0) in noted


def test_it_needs_a_permission_of_its_own(client, django_user_model, joan, wrong):
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    client.force_login(desk.allow(clerk, "view_profile", "add_change"))

    assert "Recorded in error?" not in client.get(f"/admin/people/{joan}/").text
    assert client.post(page(joan, wrong), {"act": "void", "reason": "x"}).status_code == 403
