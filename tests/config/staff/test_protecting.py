"""Orders, pauses, deaths, restrictions, proxies and privacy requests, as staff record them."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from preferences import clock, identity
from preferences.models import Change, ProxyGrant, Review, ViewLog
from preferences.selectors import decide
from preferences.terms import Reason, State
from preferences.verify import verify
from tests.config.staff import desk
from tests.config.staff.test_in_error import finding
from tests.portal import people

pytestmark = pytest.mark.django_db
NEW = "+12025550777"


def page(person, act=""):
    return f"/admin/people/{person}/{act}"


def post(staff, person, act, **told):
    usual = {"how": "call", "taken_by": "Maria", "day": timezone.localdate().isoformat()}
    answer = staff.post(page(person, f"{act}/"), {**usual, **told}, follow=True)
    assert not [finding for part in verify() for finding in part.findings]
    return answer


def reason(person, category="appointment_reminders", channel="sms", **how):
    decision = decide(person, category, channel, **how)
    return True if decision.allowed else decision.reason


def text_to(number):
    return {"to": identity.named("phone", number)}


def restrict(staff, person, address, kind, days_ago=1, *, category="*"):
    """Asked for yesterday."""
    said_on = timezone.localdate() - timedelta(days=days_ago)
    told = {"address": address, "kind": kind, "category": category, "day": said_on.isoformat()}
    return post(staff, person, "restrict", **told)


def newest(staff, person):
    return staff.get(page(person)).context["page"].events[0].lines[-1].what.words


# --- confidential communications ---


def test_an_order_for_one_new_phone_denies_all_else_and_stands_first(staff, joan):
    done = post(staff, joan, "order", channel1="sms", address1="(202) 555-0777")

    assert "The order is in force" in done.text
    assert "Only Text message ••• ••• 0777" in done.text
    assert done.text.index("heed-order") < done.text.index("Who this is")
    assert reason(joan, **text_to(NEW)) is True
    assert reason(joan, **text_to(people.PHONE)) == Reason.ORDER
    assert reason(joan, channel="email") == Reason.ORDER
    assert newest(staff, joan) == "Confidential communications: only Text message ••• ••• 0777"
    assert Change.objects.latest("id").evidence


def test_an_order_may_keep_an_address_that_we_know_and_a_letters(staff, joan):
    email = people.address("email", people.EMAIL)

    post(staff, joan, "order", known_ways=f"email:{email}", channel1="mail", address1="1 Elm St")

    assert reason(joan, channel="email") is True
    assert reason(joan, "care_follow_ups", "mail") is True
    assert reason(joan) == Reason.ORDER
    assert "1 Elm St" in staff.get(page(joan)).text, "a letter's address stands in the evidence"


def test_an_order_is_changed_and_ended(staff, joan):
    post(staff, joan, "order", channel1="sms", address1=NEW)
    [number] = [
        value for value, _ in form_of(staff, joan, "order").fields["known_ways"].choices if "sms" in value
    ][-1:]
    assert number in form_of(staff, joan, "order").fields["known_ways"].initial

    post(staff, joan, "order", channel1="email", address1=people.EMAIL)
    assert reason(joan, channel="email") is True
    assert "The order has ended" in post(staff, joan, "order/end").text

    assert reason(joan, **text_to(people.PHONE)) is True
    assert "There is no order to end." in post(staff, joan, "order/end").text


def form_of(staff, person, act):
    return staff.get(page(person, f"{act}/")).context["page"].form


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "Name at least one way"),
        ({"channel1": "sms", "address1": "12"}, "We can’t read this"),
        ({"channel1": "sms"}, "Name both"),
        ({"channel1": "mail", "address1": "\u200b"}, "Name both"),
        ({"channel1": "sms", "address1": NEW, "day": ""}, "Enter the day they said it."),
    ],
)
def test_an_order_that_says_nothing_is_refused_in_words(staff, joan, told, words):
    answer = post(staff, joan, "order", **told)

    assert answer.status_code == 422
    assert words in answer.text
    assert reason(joan) is True


# --- pauses ---


def test_a_pause_of_thirty_days_is_shown_with_its_end_and_ended_sooner(staff, joan):
    post(staff, joan, "pause", categories=["appointment_reminders", "patient_surveys"], days="30")

    assert reason(joan) == Reason.PAUSE
    ends = timezone.localdate(clock.now() + timedelta(days=30))
    denials = staff.get(page(joan)).context["page"].denials
    assert [each.kind for each in denials] == ["Pause", "Pause"]
    assert f"{ends:%b} {ends.day}, {ends.year}" in denials[0].what

    post(staff, joan, "pause/end", categories="appointment_reminders")
    assert reason(joan) is True
    assert reason(joan, "patient_surveys", "email") == Reason.PAUSE


def test_a_pause_until_a_day(staff, joan):
    until = timezone.localdate() + timedelta(days=10)

    post(staff, joan, "pause", categories="patient_surveys", days="until", until=until.isoformat())

    with clock.at(clock.now() + timedelta(days=11)):
        assert reason(joan, "patient_surveys", "email") is True
    refused = post(staff, joan, "pause", categories="patient_surveys", days="until", until="2999-01-01")
    assert "within a year" in refused.text


# --- deceased ---


def test_a_death_stops_everything_until_it_is_corrected(staff, joan):
    post(staff, joan, "deceased")
    assert reason(joan) == Reason.DECEASED
    assert "Correct the report of a death" in staff.get(page(joan)).text

    post(staff, joan, "deceased/correct")

    assert reason(joan) is True
    assert newest(staff, joan) == "Not deceased: corrected"


# --- restrictions ---


def test_do_not_call_is_set_and_lifted_at_the_persons_request(staff, joan):
    number = str(people.address("phone", people.PHONE))
    restrict(staff, joan, number, "do_not_call")
    assert reason(joan, channel="phone") == Reason.RESTRICTION

    post(staff, joan, "lift", restriction=f"{number}:do_not_call:*:")

    assert reason(joan, channel="phone") is True


def test_a_lifting_that_was_asked_for_before_is_refused_in_words(staff, joan):
    number = str(people.address("phone", people.PHONE))
    restrict(staff, joan, number, "do_not_call", days_ago=0)

    assert (
        "It was set later than this" in post(staff, joan, "lift", restriction=f"{number}:do_not_call:*:").text
    )


def test_a_stop_is_lifted_by_nobody_here(staff, joan):
    number = str(people.address("phone", people.PHONE))
    restrict(staff, joan, number, "stop")

    refused = post(staff, joan, "lift", restriction=f"{number}:stop:*:")

    assert "This restriction is lifted only by START from that number." in refused.text
    assert reason(joan) == Reason.RESTRICTION


def test_a_suppressed_address_is_free_once_the_person_is_verified_there(staff, joan):
    email = str(people.address("email", people.EMAIL))
    restrict(staff, joan, email, "suppressed")
    lifting = {"restriction": f"{email}:suppressed:*:"}
    assert "verified at that address" in post(staff, joan, "lift", **lifting).text

    post(staff, joan, "lift", **lifting, verified="on")

    assert reason(joan, channel="email") is True


def test_a_restriction_that_makes_no_sense_there_is_refused_in_words(staff, joan):
    email = str(people.address("email", people.EMAIL))

    assert "STOP is about a phone number." in restrict(staff, joan, email, "stop").text


# --- privacy requests ---


def test_an_agents_request_turns_the_sale_of_data_off_once(staff, joan):
    assert "is off" in post(staff, joan, "privacy-request", kind="agent").text
    assert staff.get(page(joan)).context["page"].events[0].lines[0].note == "by an authorised agent"

    assert "Nothing to change" in post(staff, joan, "privacy-request", kind="form").text


# --- proxies ---


@pytest.fixture
def parent(joan):
    return people.person(email="parent@example.org", phone="+12025550155")


def grant(staff, person, proxy, **told):
    now = timezone.localdate()
    dates = {"starts": now.isoformat(), "ends": (now + timedelta(days=90)).isoformat()}
    usual = {"relation": "caregiver", "categories": "*", **dates}
    return post(staff, person, f"proxies/{proxy}", **{**usual, **told})


def says(staff, person, proxy, answer="opted_out", category="patient_surveys"):
    told = {"category": category, "channel": "*", "answer": answer, "told_by": proxy}
    return post(staff, person, "record", **told)


def test_a_proxy_is_found_granted_listed_on_both_pages_and_ended(staff, joan, parent):
    found = staff.post(page(joan, "proxies/"), finding("email", "parent@example.org"))
    assert page(joan, f"proxies/{parent}/") in found.text

    grant(staff, joan, parent)

    [of_joan] = staff.get(page(joan)).context["page"].grants.of_them
    [of_parent] = staff.get(page(parent)).context["page"].grants.to_them
    assert (of_joan.person, of_parent.person, of_joan.runs) == (parent, joan, True)
    assert newest(staff, joan).startswith("Somebody may choose for them until")
    post(staff, joan, f"grants/{of_joan.id}/end")
    assert not staff.get(page(joan)).context["page"].grants.of_them[0].runs


def test_what_a_proxy_says_counts_under_the_grant_and_is_held_without_one(staff, joan, parent):
    grant(staff, joan, parent, categories="marketing_emails")

    assert "This counts now" in says(staff, joan, parent, category="marketing_emails").text
    assert reason(joan, "marketing_emails", "email") == Reason.CHOICE
    by = staff.get(page(joan)).context["page"].events[0].by
    assert by == f"someone acting for the person (Person {str(parent)[:8]})"
    assert "Held on their addresses" in says(staff, joan, parent).text
    assert reason(joan, "patient_surveys", "email") == Reason.RESTRICTION
    assert Review.objects.get(kind="opt_out_unplaced").profile_id == joan
    refused = says(staff, joan, parent, "opted_in", "appointment_reminders")
    assert "Whoever said it had no grant to choose for the person" in refused.text


def test_a_parents_grant_needs_the_childs_day_of_birth_and_does_not_keep_it(staff, joan, parent):
    far = (timezone.localdate() + timedelta(days=6000)).isoformat()
    assert "day of birth" in grant(staff, joan, parent, relation="parent", ends=far).text
    born = timezone.localdate().replace(day=1) - timedelta(days=10 * 365)

    grant(staff, joan, parent, relation="parent", ends=far, born=born.isoformat())

    assert ProxyGrant.objects.get().ends.date().year == born.year + 18
    assert born.isoformat() not in "".join(Change.objects.values_list("entries", flat=True))


@pytest.mark.parametrize("told", [{"ends": "9999-12-31"}, {"starts": "0001-01-01"}])
def test_a_grant_for_ever_is_refused_in_words(staff, joan, parent, told):
    answer = grant(staff, joan, parent, **told)

    assert answer.status_code == 422
    assert "A grant begins and ends within a hundred years of today." in answer.text
    assert not ProxyGrant.objects.exists()


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("2062-05-01", "day of birth lies in the future"),
        ("9999-12-31", "day of birth lies in the future"),
        ("1962-05-01", "when the child comes of age: who was born then is"),
    ],
)
def test_a_parents_grant_is_for_a_child_who_was_born_and_is_not_of_age(staff, joan, parent, born, words):
    answer = grant(staff, joan, parent, relation="parent", ends="", born=born)

    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert not ProxyGrant.objects.exists()


def test_only_of_a_parent_it_need_not_be_said_until_when(staff, joan, parent):
    born = timezone.localdate().replace(day=1) - timedelta(days=10 * 365)
    assert "Say until when" in grant(staff, joan, parent, ends="", born=born.isoformat()).text
    assert not ProxyGrant.objects.exists()

    grant(staff, joan, parent, relation="parent", ends="", born=born.isoformat())

    assert ProxyGrant.objects.get().ends.date() == born.replace(year=born.year + 18)


# --- what all of them have in common ---

ACTS = {
    "order": "add_change",
    "order/end": "add_change",
    "deceased": "add_change",
    "lift": "add_change",
    "proxies": "add_change",
    "pause": "set_order",
    "pause/end": "set_order",
    "restrict": "set_order",
    "privacy-request": "set_order",
    "deceased/correct": "add_change",
}


@pytest.mark.parametrize("act", ACTS)
def test_each_needs_its_own_permission_and_every_look_is_noted(client, staff, django_user_model, joan, act):
    assert staff.get(page(joan, f"{act}/")).status_code == 200
    assert ViewLog.objects.filter(profile=joan, actor="maria").count() == 1

    clerk = desk.allow(django_user_model.objects.create_user("c", is_staff=True), "view_profile", ACTS[act])
    client.force_login(clerk)

    assert client.post(page(joan, f"{act}/"), {}).status_code == 403
    assert f"/{act}/" not in client.get(page(joan)).text


def test_what_was_chosen_before_a_pause_is_still_there(staff, joan):
    people.chose(joan, ("patient_surveys", "email", State.IN))
    post(staff, joan, "pause", categories="patient_surveys", days="90")

    with clock.at(clock.now() + timedelta(days=91)):
        assert reason(joan, "patient_surveys", "email") is True


def test_a_no_to_what_we_have_to_send_says_that_it_stops_nothing(staff, joan):
    people.publish_required_category()
    email = people.address("email", people.EMAIL)

    kept = restrict(staff, joan, email, "suppressed", category="service_notices")
    assert "we have to send these, so this no stops nothing now" in kept.text
    assert decide(joan, "service_notices", "email").allowed

    usual = restrict(staff, joan, email, "suppressed", category="marketing_emails")
    assert "It stands from now on" in usual.text
