"""Several write to the lists at once while somebody reads: no older answer stands, nothing is missed."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import product
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from destinations import marking
from preferences.services import refresh_standing
from preferences.terms import IdentifierKind
from tests.destinations.listed import Reader, decided, marked, whole
from tests.factories import PatientFactory
from tests.preferences.saying import chooses, into, out, t
from tests.preferences.test_races import on_postgres

pytestmark = [pytest.mark.django_db(transaction=True), on_postgres]
SURVEYS = ("patient_surveys", "email")


@pytest.fixture
def hand():
    """Runs acts beside the test, each with a connection of its own."""
    with ThreadPoolExecutor(4) as pool:

        def start(act):
            def run():
                with closing(connection):
                    return act()

            return pool.submit(run)

        yield start


class Slowly:
    """Marks what is handed over, and commits only when told."""

    def __init__(self, hand):
        self.written, self.commit = Event(), Event()
        self.done = hand(self._run)
        assert self.written.wait(10)

    @transaction.atomic
    def _run(self):
        marking.mark(timezone.now())
        self.written.set()
        assert self.commit.wait(10)

    def ends(self):
        self.commit.set()
        self.done.result(timeout=10)


def test_whoever_marks_later_has_read_later(hand):
    pat = PatientFactory.create()
    marked()
    chooses(pat, out(*SURVEYS), at=t(1))
    slow = Slowly(hand)
    chooses(pat, into(*SURVEYS), at=t(2))

    other = hand(marked)
    assert not _ends_within(other, 0.3), "the lists have one writer at a time"
    slow.ends()
    other.result(timeout=10)

    assert whole() == decided() == {}


def test_a_reader_with_a_cursor_misses_nothing_that_is_committed_late(hand):
    first, second, copy = PatientFactory.create(), PatientFactory.create(), Reader()
    marked()
    chooses(first, out(*SURVEYS), at=t(1))
    slow = Slowly(hand)
    chooses(second, out(*SURVEYS), at=t(1))
    other = hand(marked)
    copy.reads()
    slow.ends()
    other.result(timeout=10)

    copy.reads()

    assert copy.out == whole() == decided()
    assert len(copy.out) == 4


def test_two_who_mark_and_one_who_reads_all_the_while(hand):
    people = [PatientFactory.create() for _ in range(12)]
    marked()
    copy, over = Reader(), Event()

    def reads():
        while not over.is_set():
            copy.reads(size=5)

    def marks():
        while not over.is_set():
            marking.mark(timezone.now())

    background = [hand(reads), hand(marks), hand(marks)]
    for minute, person in product(range(1, 9), people):
        chooses(person, (out if minute % 2 else into)(*SURVEYS), at=t(minute))
    over.set()
    for each in background:
        each.result(timeout=20)
    marked()

    copy.reads()
    assert copy.out == whole() == decided()


def test_the_end_of_the_lists_is_made_once(hand):
    pat = PatientFactory.create()
    chooses(pat, out(*SURVEYS), at=t(1))

    acts = [
        hand(lambda: refresh_standing(identifiers={pat.id: IdentifierKind.HEED}, now=timezone.now()))
        for _ in range(3)
    ]

    assert sorted(each.result(timeout=10) for each in acts) == [0, 0, 1]


def _ends_within(future, seconds):
    try:
        future.result(timeout=seconds)
    except TimeoutError:
        return False
    return True
