"""Laws over random histories: order of arrival does not matter (R4), and the reference agrees."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from preferences import clock, selectors
from preferences.selectors import Question
from preferences.services import Choice, lift, notice_shown, restrict
from preferences.terms import ANY, Actor, RestrictionKind, State, Verified
from tests.factories import PatientFactory
from tests.preferences import reference
from tests.preferences.reference import CELLS, MESSAGES, USES_OF_DATA, Heard, History, Restricted, kind_of
from tests.preferences.saying import address, by_portal, by_system, chooses, named, on_page, t, tells

pytestmark = pytest.mark.django_db
law = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PEOPLE = range(3)
ADDRESSES = ["a@example.org", "b@example.org", "+12025550101", "+12025550102"]
RECORDED = datetime(2025, 1, 1, tzinfo=UTC)

# --- what may be said ---

moments = st.integers(0, 5).map(t)  # few, so that ties are common
patterns = st.one_of(
    st.sampled_from([(category, ANY) for category in MESSAGES]),
    st.sampled_from([(ANY, "sms"), (ANY, "email"), (ANY, ANY)]),
    st.sampled_from(CELLS),
)
hows = st.sampled_from(
    [
        frozenset(),
        frozenset({"person"}),
        frozenset({"person", "notice"}),
        frozenset({"person", "second_step"}),
    ]
)
said = st.tuples(st.lists(st.tuples(patterns, st.booleans()), min_size=1, max_size=4), moments, hows)
restricting = st.tuples(
    st.sampled_from(ADDRESSES),
    st.sampled_from(["stop", "do_not_call", "suppressed"]),
    st.sampled_from([ANY, *MESSAGES]),
    st.booleans(),
    moments,
)
deeds = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(PEOPLE), said),
    st.tuples(
        st.just("moves"), st.sampled_from(PEOPLE), st.tuples(st.sampled_from(ADDRESSES), st.booleans())
    ),
    st.tuples(st.just("restricts"), st.none(), restricting),
    st.tuples(
        st.just("opts out at"),
        st.none(),
        st.tuples(st.sampled_from(ADDRESSES), st.sampled_from([ANY, *MESSAGES]), moments),
    ),
)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Each example in a database of its own."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def how_said(how, at):
    notice = notice_shown(key="n", body={"text": "wording"}).pk if "notice" in how else None
    if "person" in how:
        return on_page(at, notice_id=notice, second_step="second_step" in how)
    return by_system("crm", occurred=at)


def choices_of(listed):
    return [
        Choice(category, channel, State.IN if opts_in else State.OUT)
        for (category, channel), opts_in in listed
    ]


# --- R4 ---


@law
@given(changes=st.lists(said, min_size=2, max_size=6), data=st.data())
def test_any_order_of_arrival_leads_to_the_same_projection_and_answers(changes, data):
    shuffled = data.draw(st.permutations(changes))
    with rolled_back(), clock.at(RECORDED):
        one, other = PatientFactory.create(), PatientFactory.create()
        for person, order in ((one, changes), (other, shuffled)):
            for listed, at, how in order:
                chooses(person, *choices_of(listed), said=how_said(how, at))

        assert projection_of(one) == projection_of(other)
        for category, channel in CELLS:
            answers = selectors.decide_many(category, channel, [Question(one.id), Question(other.id)])
            assert answers[0].allowed == answers[1].allowed, (category, channel)
            assert answers[0].reason == answers[1].reason, (category, channel)


def projection_of(person):
    """Which change it was depends on the order, what it came to does not."""
    [found] = selectors.people([person.id]).values()
    return {key: (value[:2], value[3:]) for key, value in found.choices.items()}


@law
@given(acts=st.lists(restricting, min_size=2, max_size=6), data=st.data())
def test_any_order_of_arrival_leads_to_the_same_restrictions(acts, data):
    found = []
    for order in (acts, data.draw(st.permutations(acts))):
        with rolled_back(), clock.at(RECORDED):
            for act in order:
                restricts(History(), act)
            answers = [
                selectors.decide_many(category, channel, [Question(named=named(kind_of(each), each))])[0]
                for category, channel in CELLS
                for each in ADDRESSES
            ]
            found.append([(answer.allowed, answer.reason) for answer in answers])

    assert found[0] == found[1]


# --- the reference ---


@law
@given(history=st.lists(deeds, min_size=1, max_size=14))
def test_decisions_agree_with_the_reference(history):
    with rolled_back():
        people, book = [], History()
        with clock.at(RECORDED):
            people = [PatientFactory.create(email="", phone="") for _ in PEOPLE]
        for number, (deed, person, details) in enumerate(history, start=1):
            with clock.at(RECORDED + timedelta(minutes=number)):
                DEEDS[deed](book, number, person, people, details)
        with clock.at(RECORDED + timedelta(days=1)):
            compare(book, people)
        call_command("verify_ledger", verbosity=0)


def says(book, number, person, people, details):
    listed, at, how = details
    chooses(people[person], *choices_of(listed), said=how_said(how, at))
    book.heard.setdefault(person, []).extend(
        Heard(number, category, channel, opts_in, at, how) for (category, channel), opts_in in listed
    )


def moves(book, number, person, people, details):
    where, verified = details
    slug = "portal" if verified else "ehr"
    if verified and not any(stay.person == person and stay.source == "portal" for stay in book.stays):
        # The portal's own number for them, which it must have given before it can give an address.
        know_at_portal(people[person])
    said = by_portal() if verified else by_system()
    tells(said=said, external_id=people[person].external_id, **{kind_of(where): where})
    book.moves(person, where, slug, clock.now(), verified=verified)


def know_at_portal(person):
    """Both systems know their record number."""
    tells(external_id=person.external_id, mrn=person.external_id)
    tells(external_id=person.external_id, mrn=person.external_id, said=by_portal())


def restricts(book, details):
    where, kind, category, is_set, at = details
    kind = kind if kind_of(where) == "phone" else "suppressed"
    pk, of = address(kind_of(where), where), RestrictionKind(kind)
    said = by_system(occurred=at, by=Actor.PERSON, attached=True, evidence={"it": "is"})
    if is_set:
        restrict(identifier_id=pk, kind=of, said=said, category=category)
    else:
        lift(
            identifier_id=pk, kind=of, said=said, category=category, verified=Verified.LINK, from_handset=True
        )
    book.restricted.append(Restricted(where, kind, category, ANY, is_set, at))


def opts_out_at(book, number, person, people, details):
    where, category, at = details
    served = reference.SERVES[kind_of(where)]
    if category != ANY and not served & MESSAGES[category].keys():
        return  # what becomes of those is told in test_identity.py
    tells(Choice(category, ANY, State.OUT), said=by_system(occurred=at), **{kind_of(where): where})
    book.opts_out_at(where, "ehr", Heard(number, category, ANY, False, at), clock.now())


DEEDS = {
    "says": says,
    "moves": moves,
    "restricts": lambda book, number, person, people, details: restricts(book, details),
    "opts out at": opts_out_at,
}


def compare(book, people):
    for category, channel in CELLS:
        by_person = selectors.decide_many(category, channel, [Question(each.id) for each in people])
        for person, answer in zip(PEOPLE, by_person, strict=True):
            note(f"person {person}: {category} {channel}")
            assert (answer.allowed, answer.reason) == book.decide(person, category, channel)
        if category in USES_OF_DATA:
            continue
        served = [each for each in ADDRESSES if channel in reference.SERVES[kind_of(each)]]
        questions = [Question(named=named(kind_of(each), each)) for each in served]
        questions += [Question(people[0].id, to=named(kind_of(each), each)) for each in served]
        answers = selectors.decide_many(category, channel, questions)
        for each, alone, to in zip(served, answers, answers[len(served) :], strict=False):
            note(f"{each}: {category} {channel}")
            assert alone.allowed == book.decide_at(each, category, channel)
            assert to.allowed == book.decide(0, category, channel, each)[0]
