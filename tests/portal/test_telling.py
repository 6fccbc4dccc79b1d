"""Who knows of a choice by now: a system is told only when all it holds about the person is."""

from uuid import UUID

import pytest
from django.utils import timezone

from destinations.models import Destination, Propagation
from destinations.terms import PropagationState
from portal.selectors import systems
from portal.terms import Telling
from preferences import identity
from preferences.models import Holding, Outbox
from preferences.services import publish
from preferences.terms import RevisionKind
from tests.portal import people
from tests.portal.forms import save, words


def destination(slug: str, label: str) -> Destination:
    return Destination.objects.create(
        slug=slug, name=slug, public_label=label, connector="webhook", state="live"
    )


def row(of: Destination, identifier: UUID, state: str = "acknowledged", behind: int = 0) -> Propagation:
    return Propagation.objects.create(
        destination=of, identifier_id=identifier, wanted=3, acknowledged=3 - behind, state=state
    )


@pytest.fixture
def email(joan):
    return people.address("email", people.EMAIL)


@pytest.fixture
def told_of_all(joan):
    """All that was to be handed over has been."""
    Outbox.objects.all().delete()


def telling(profile_id: UUID) -> dict[str, str]:
    return {each.label: each.telling for each in systems(profile_id)}


@pytest.mark.parametrize(
    ("state", "behind", "expected"),
    [
        ("acknowledged", 0, Telling.TOLD),
        ("verified", 0, Telling.TOLD),
        ("acknowledged", 1, Telling.WAITING),
        ("absent", 0, Telling.ABSENT),
        ("absent", 1, Telling.WAITING),
        ("pending", 1, Telling.WAITING),
        ("sending", 1, Telling.WAITING),
        ("later", 1, Telling.TRYING),
        ("stuck", 1, Telling.TRYING),
        ("paused", 1, Telling.STAFF),
        ("shadow", 1, Telling.STAFF),
    ],
)
def test_each_state_has_its_words(joan, told_of_all, state, behind, expected):
    row(destination("mail", "Our email service"), joan, state, behind)

    assert telling(joan) == {"Our email service": expected}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("to_confirm", "Waiting for you: open the email it sends you, and confirm there"),
        ("from_handset", "Waiting for you: text START to the number that texts you"),
        ("by_themselves", "Waiting for you: only you can turn it on again there. Ask us how"),
        ("needs_person", "Not yet: our staff must look at it first"),
        ("shrank", "Not yet: our staff must look at it first"),
        ("in_hands", "Not yet: our staff must look at it first"),
        ("ambiguous", "Not yet: our staff must look at it first"),
        ("rejected_auth", "Not yet: we keep trying"),
        ("rejected_data", "Not yet: we keep trying"),
    ],
)
def test_whoever_has_something_left_to_do_is_told_what(visit, joan, told_of_all, reason, expected):
    mail = row(destination("mail", "Our email service"), joan)
    save(visit, patient_surveys__sms="no")
    Outbox.objects.all().delete()
    Propagation.objects.filter(pk=mail.pk).update(state="stuck", reason=reason, wanted=4)

    assert expected in words(visit.get("/p/saved").text)


def test_a_system_that_is_at_work_is_no_failure(visit, joan, told_of_all):
    calls = row(destination("calls", "Our call center"), joan)
    save(visit, patient_surveys__sms="no")
    Outbox.objects.all().delete()
    Propagation.objects.filter(pk=calls.pk).update(state="later", job="since noon", wanted=4)

    assert "Working on it: this can take a few minutes" in words(visit.get("/p/saved").text)


def test_every_state_that_there_is_has_been_thought_of(joan, told_of_all):
    mail = row(destination("mail", "Our email service"), joan)

    for state in PropagationState:
        Propagation.objects.filter(pk=mail.pk).update(state=state)
        assert systems(joan)


def test_a_system_is_told_only_when_all_its_rows_are(joan, email, told_of_all):
    mail = destination("mail", "Our email service")
    row(mail, email)
    behind = row(mail, people.address("phone", people.PHONE), "pending", 1)

    assert telling(joan) == {"Our email service": Telling.WAITING}

    Propagation.objects.filter(pk=behind.pk).update(state="acknowledged", acknowledged=3)
    assert telling(joan) == {"Our email service": Telling.TOLD}


def test_former_addresses_count_too(joan, email, told_of_all):
    row(destination("mail", "Our email service"), email, "later", 1)
    Holding.objects.filter(identifier=email).update(until=timezone.now())

    assert telling(joan) == {"Our email service": Telling.TRYING}


def test_other_people_do_not_count(joan, told_of_all):
    stranger = identity.make_profile(timezone.now())
    row(destination("mail", "Our email service"), stranger, "stuck", 1)

    assert telling(joan) == {"Our email service": Telling.ABSENT}


def test_systems_under_one_public_name_are_one_for_the_patient(joan, told_of_all):
    row(destination("mail", "Our email service"), joan)
    row(destination("mail-two", "Our email service"), joan, "later", 1)

    assert telling(joan) == {"Our email service": Telling.TRYING}


def test_nobody_counts_as_told_before_the_change_was_handed_over(visit, joan, told_of_all):
    row(destination("mail", "Our email service"), joan)
    destination("crm", "Our patient records")
    save(visit, patient_surveys__sms="no")

    assert telling(joan) == {"Our email service": Telling.WAITING, "Our patient records": Telling.WAITING}

    Outbox.objects.all().delete()
    assert telling(joan) == {"Our email service": Telling.TOLD, "Our patient records": Telling.ABSENT}


def test_the_page_follows_by_reload_and_stops_when_all_are_told(visit, joan):
    row(destination("mail", "Our email service"), joan)
    save(visit, patient_surveys__sms="no")

    page = visit.get("/p/saved").text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "0 of 1 systems are up to date. Our email service Being told… Check again" in words(page)

    Outbox.objects.all().delete()
    page = visit.get("/p/saved").text
    assert "refresh" not in page
    assert "Check again" not in page
    assert "Our email service Told" in words(page)


def test_the_script_gets_the_same_words(visit, joan, told_of_all):
    row(destination("mail", "Our email service"), joan)

    assert visit.get("/p/status").json() == {
        "done": True,
        "summary": "Done: every system that sends for us knows what you want.",
        "systems": [{"label": "Our email service", "state": "told", "words": "Told"}],
    }


def test_strangers_get_no_status(client, db):
    assert client.get("/p/status").status_code == 403


def test_the_status_takes_a_fixed_number_of_queries(visit, joan, told_of_all, django_assert_num_queries):
    for number in range(5):
        row(destination(f"system-{number}", f"System {number}"), joan)

    with django_assert_num_queries(7):
        visit.get("/p/status")


def test_the_result_takes_a_fixed_number_of_queries(visit, joan, django_assert_num_queries):
    for number in range(5):
        row(destination(f"system-{number}", f"System {number}"), joan)
    save(visit, act="stop")

    # Four of them for the day by which all must know, two for which systems are told of it.
    with django_assert_num_queries(17):
        visit.get("/p/saved")


def test_each_reads_its_name_in_their_own_language_where_it_has_one(joan):
    named = destination("mail", "Our email service")
    destination("desk", "Our front desk")
    Destination.objects.filter(pk=named.pk).update(public_labels={"es": "Nuestro correo"})

    assert [each.label for each in systems(joan, "es")] == ["Nuestro correo", "Our front desk"]
    assert [each.label for each in systems(joan, "en")] == ["Our email service", "Our front desk"]


def test_a_system_that_takes_events_only_is_none_that_must_know(joan, told_of_all):
    row(destination("mail", "Our email service"), joan)
    figures = destination("figures", "Our website figures")
    Destination.objects.filter(pk=figures.pk).update(connector="ga4")

    assert telling(joan) == {"Our email service": Telling.TOLD}


def mapped(slug: str, label: str, joan: UUID, *sources: str) -> None:
    """A system that is told these answers and no other, and has confirmed all that it was told."""
    made = destination(slug, label)
    Destination.objects.filter(pk=made.pk).update(connector="http")
    rows = [{"target": source.replace(":", "_"), "source": source} for source in sources]
    body = {"connector": "http", "rows": rows}
    publish(kind=RevisionKind.MAPPER, key=slug, body=body, author="ida", reason="As it is told")
    row(made, joan)


def test_a_system_that_is_told_nothing_of_what_was_chosen_is_not_said_to_know(visit, joan):
    mapped("crm", "Our contact list", joan, "answer:marketing_emails:email", "answer:patient_surveys:sms")
    mapped("polls", "Our surveys", joan, "answer:patient_surveys:email")
    save(visit, patient_surveys__email="no")

    for page in ("/p/saved", "/p/receipt"):
        shown = words(visit.get(page).text)
        assert "Our surveys" in shown
        assert "Our contact list" not in shown
    assert [each["label"] for each in visit.get("/p/status").json()["systems"]] == ["Our surveys"]
    assert [each["name"] for each in visit.get("/p/receipt.json").json()["systems"]] == ["Our surveys"]


def test_where_no_system_is_told_of_it_none_is_said_to_know(visit, joan):
    mapped("crm", "Our contact list", joan, "answer:marketing_emails:email")
    save(visit, patient_surveys__email="no")

    assert "Who knows about it" not in words(visit.get("/p/saved").text)


def test_whoever_stops_everything_is_told_of_every_system(visit, joan):
    mapped("crm", "Our contact list", joan, "answer:marketing_emails:email")
    mapped("calls", "Our call center", joan, "all_out:phone")
    save(visit, act="stop")

    shown = words(visit.get("/p/saved").text)
    assert "Our contact list" in shown
    assert "Our call center" in shown


def test_a_list_of_those_who_want_no_calls_at_all_is_not_told_of_one_kind(visit, joan):
    mapped("calls", "Our call center", joan, "all_out:phone")
    save(visit, care_follow_ups__phone="no")

    assert "Our call center" not in words(visit.get("/p/saved").text)
