"""A person's page."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from destinations.models import Propagation
from destinations.terms import PropagationState
from preferences import identity, services
from preferences.models import Profile, Source, ViewLog
from preferences.services import Call, Choice, Said
from preferences.terms import Actor, IdentifierKind, State
from tests.config.staff import desk
from tests.portal import people

pytestmark = pytest.mark.django_db
QUERIES = 22


def page(person):
    return f"/admin/people/{person}/"


def test_identifiers_are_masked_until_somebody_asks_and_both_are_noted(staff, joan):
    masked = staff.get(page(joan)).text
    clear = staff.post(f"{page(joan)}unmask/").text

    assert people.EMAIL not in masked
    assert "j•••@e•••.org" in masked
    assert people.EMAIL in clear
    pages = ViewLog.objects.order_by("id").values_list("actor", "page", "profile_id")
    assert list(pages) == [
        ("maria", "person", joan),
        ("maria", "person, identifiers in the clear", joan),
    ]


def test_unmasking_by_following_a_link_is_refused(staff, joan):
    assert staff.get(f"{page(joan)}unmask/").status_code == 405


def test_a_former_address_is_marked(staff, joan):
    services.identify(
        call=Call(
            tuple(
                identity.named(kind, value, space)
                for kind, value, space in [
                    (IdentifierKind.EXTERNAL_ID, f"patient {people.EMAIL}{people.PHONE}", "clinic"),
                    (IdentifierKind.EMAIL, "new@example.org", ""),
                ]
            )
        ),
        said=people.said(),
    )

    [former] = [each for each in staff.get(page(joan)).context["page"].who.addresses if each.former]

    assert former.value == "j•••@e•••.org"


def test_an_address_that_does_not_work_says_since_when_and_who_says_so(staff, joan):
    at = datetime(2026, 3, 4, 15, tzinfo=UTC)
    mailbox = people.address(IdentifierKind.EMAIL, people.EMAIL)
    services.came_back(identifier_id=mailbox, source=people.clinic(), at=at)

    assert "came back Mar 4, 2026, says Clinic" in staff.get(page(joan)).text


def cell(answer, category, channel):
    [row] = [each for each in answer.context["page"].grid.rows if each.name == category]
    [found] = [each for each in row.cells if each and each.channel == channel]
    return found


def test_what_holds_is_said_in_words(staff, joan):
    people.chose(joan, ("appointment_reminders", "email", State.OUT))
    people.texted_stop()

    answer = staff.get(page(joan))

    email = cell(answer, "Appointment reminders", "Email")
    assert (email.said.words, email.holds, email.because) == ("No", "Not sent", "")
    assert email.since
    text = cell(answer, "Appointment reminders", "Text message")
    assert (text.said.words, text.because) == ("Never asked", "the address may not be used")
    [stop] = answer.context["page"].denials
    assert (stop.kind, stop.where) == ("STOP", "••• ••• 0143")


def test_the_story_says_who_when_and_what_shows_it(staff, joan):
    notice = services.notice_shown(key="call_script", body={"text": "May we text you?"})
    services.record(
        profile_id=joan,
        choices=[Choice("marketing_emails", "email", State.IN)],
        said=Said(
            Source.objects.get(slug="staff"),
            Actor.STAFF,
            timezone.now(),
            {"how": "On a call", "note": "Rang at noon"},
            notice_id=notice.pk,
            attached=True,
            who="maria",
        ),
    )

    newest = staff.get(page(joan)).context["page"].events[0]

    assert newest.lines[0].what.words == "Yes to Marketing emails: email"
    assert (newest.by, newest.source) == ("staff (maria)", "Staff")
    assert newest.notice == "call_script, revision 1"
    assert newest.notice_id == notice.pk
    assert ("Note", "Rang at noon") in newest.evidence


def test_a_yes_that_does_not_count_says_why(staff, joan):
    services.record(
        profile_id=joan, choices=[Choice("marketing_emails", "sms", State.IN)], said=people.said()
    )

    [line] = staff.get(page(joan)).context["page"].events[0].lines

    assert line.why_not


def test_systems_are_listed_with_where_they_stand_and_a_reason(staff, joan):
    desk.system("Care team")
    desk.telling(people.address("email", people.EMAIL))

    other, mail = staff.get(page(joan)).context["page"].told

    assert (other.system, other.state.words) == ("Care team", "Nothing to tell")
    assert (mail.state.words, mail.why, mail.tries) == (
        "Needs a person",
        "The system refused this record.",
        1,
    )
    assert mail.about == "j•••@e•••.org"


def must(answer):
    return [[mark.words for mark in each.must] for each in answer.context["page"].told]


def test_what_a_system_must_hold_is_said_in_words(staff, joan):
    desk.telling(people.address("email", people.EMAIL))
    assert must(staff.get(page(joan))) == [[]]

    people.chose(joan, ("marketing_emails", "email", State.OUT), ("patient_surveys", "email", State.IN))

    assert must(staff.get(page(joan))) == [
        ["No to Marketing emails by email", "Yes to Patient surveys by email"]
    ]


def test_on_a_shared_address_a_system_must_hold_the_strictest_answer(staff, joan):
    desk.telling(people.address("email", people.EMAIL))
    people.chose(joan, ("marketing_emails", "email", State.IN))
    people.chose(people.person(phone="+12025550199"), ("marketing_emails", "email", State.OUT))

    assert must(staff.get(page(joan))) == [["No to Marketing emails by email"]]


def test_a_system_that_is_told_everything_must_hold_everything(staff, joan):
    hook = desk.system("Front desk")
    hook.connector = "webhook"
    hook.save()
    desk.telling(joan, destination=hook)

    assert must(staff.get(page(joan))) == [["All that holds for this person"]]


def test_attempts_are_shown_with_call_and_answer(staff, joan):
    row = desk.telling(joan)

    answer = staff.get(f"{page(joan)}attempts/{row.pk}/")

    for words in ("PUT /lists/*", "400", "37 ms", "the record is locked", "Needs a person"):
        assert words in answer.text


def test_attempts_about_somebody_else_are_not_found(staff, joan):
    row = desk.telling(people.person(email="other@example.org", phone=""))

    assert staff.get(f"{page(joan)}attempts/{row.pk}/").status_code == 404


@pytest.mark.parametrize("alone", [True, False])
def test_retry_tries_one_or_all_of_this_person_again(staff, joan, alone):
    row = desk.telling(joan)
    second = desk.telling(people.address("email", people.EMAIL))
    other = desk.telling(people.person(email="other@example.org", phone=""))

    staff.post(f"{page(joan)}retry/", {"propagation": row.pk} if alone else {})

    waiting = set(Propagation.objects.filter(state=PropagationState.PENDING).values_list("pk", flat=True))
    assert waiting == ({row.pk} if alone else {row.pk, second.pk})
    assert other.pk not in waiting


def test_who_may_only_look_sees_no_buttons_and_cannot_retry(client, django_user_model, joan):
    client.force_login(desk.allow(django_user_model.objects.create_user("viewer", is_staff=True), *desk.SEE))
    desk.telling(joan)

    assert "Retry" not in client.get(page(joan)).text.replace('heed-hidden">Retry', "")
    assert client.post(f"{page(joan)}retry/").status_code == 403


def test_whoever_was_merged_leads_to_the_survivor(staff, joan):
    other = people.person(email="other@example.org", phone="")
    Profile.objects.filter(pk=other).update(merged_into=joan)

    assert staff.get(page(other)).headers["Location"] == page(joan)


def test_nobody_of_that_number_is_not_found(staff):
    assert staff.get(page("00000000-0000-4000-8000-000000000000")).status_code == 404


def test_the_page_reads_as_much_for_a_long_story_as_for_a_short_one(staff, joan, django_assert_num_queries):
    desk.telling(joan)
    with django_assert_num_queries(QUERIES):
        staff.get(page(joan))
    for state in (State.OUT, State.IN) * 20:
        people.chose(joan, ("patient_surveys", "email", state))
    for name in ("Care team", "Billing", "Call center"):
        desk.telling(people.address("email", people.EMAIL), destination=desk.system(name))

    with django_assert_num_queries(QUERIES):
        answer = staff.get(page(joan))

    assert len(answer.context["page"].events) == 25
    assert staff.get(page(joan), {"page": 2}).context["page"].events
