"""Whether the background work is alive, read from its heartbeats."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from config.demo import pulse
from destinations.models import Heartbeat, WakeUp


@pytest.fixture
def database(tmp_path):
    """A demo's database in which the background work beat at some times."""

    def with_beats(*ages):
        path = tmp_path / "de mo.sqlite3"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f"CREATE TABLE {pulse.TABLE} (name text, at datetime)")
            for age in ages:
                at = (timezone.now() - timedelta(seconds=age)).replace(tzinfo=None)
                connection.execute(f"INSERT INTO {pulse.TABLE} VALUES ('x', ?)", [at.isoformat(" ")])  # noqa: S608
        return path

    return with_beats


def test_the_newest_heartbeat_counts(database):
    assert pulse.silence(database(5, 5000)) == pytest.approx(5, abs=1)


def test_no_heartbeat_is_silence_for_ever(database, tmp_path):
    assert pulse.silence(database()) == pulse.NEVER
    assert pulse.silence(tmp_path / "missing.sqlite3") == pulse.NEVER


def test_a_worker_that_has_been_silent_for_long_is_unwell(database):
    path = database(600)

    assert "silent for 600 s" in pulse.unwell(path, uptime=400)
    assert pulse.unwell(path, uptime=100) == "", "it has hardly begun"


def test_a_worker_that_beats_is_well(database):
    assert pulse.unwell(database(30), uptime=4000) == ""


@pytest.mark.parametrize(
    ("beat", "asked", "uptime", "unwell"),
    [(20, 20, 60, True), (20, 20, 20, False), (5, 20, 60, False), (60, 5, 60, False), (60, None, 60, False)],
    ids=["deaf", "hardly begun", "busy with another run", "only just asked", "nobody asks"],
)
def test_a_worker_that_does_not_answer_is_unwell_long_before(database, beat, asked, uptime, unwell):
    path = database(beat)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE {pulse.WAKE_UPS} (pending bool, at datetime)")
        at = (timezone.now() - timedelta(seconds=asked or 60)).replace(tzinfo=None)
        connection.execute(
            f"INSERT INTO {pulse.WAKE_UPS} VALUES (?, ?)",  # noqa: S608
            [asked is not None, at.isoformat(" ")],
        )

    assert bool(pulse.unwell(path, uptime)) is unwell


def test_it_reads_where_django_writes():
    assert Heartbeat._meta.db_table == pulse.TABLE
    assert WakeUp._meta.db_table == pulse.WAKE_UPS
    assert Heartbeat._meta.get_field("at").column == "at"
