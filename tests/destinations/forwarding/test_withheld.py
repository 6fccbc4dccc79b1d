"""What the demo's systems page says was withheld is what Heed has on record. On SQLite, as in a demo."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from destinations.models import Destination, Event, Forwarding
from destinations.sandbox import withheld as page
from governance.terms import Because
from preferences.models import Revision
from tests.world import out

TABLES = (page.TABLE, page.SYSTEMS, page.EVENTS, page.POLICIES)


def test_it_reads_the_tables_of_the_models():
    assert Forwarding._meta.db_table == page.TABLE
    assert Destination._meta.db_table == page.SYSTEMS
    assert (Event._meta.db_table, Revision._meta.db_table) == (page.EVENTS, page.POLICIES)
    assert page.BECAUSE.keys() == set(Because.values) - {Because.RULE}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a demo runs on SQLite")
def test_it_counts_what_was_blocked_for_all_and_for_one_person(hospital, tmp_path):
    hospital.connects("webhook")
    person = hospital.world.registers(mrn="RH1", email="a@example.org").profile_id
    hospital.world.registers(mrn="RH2", email="b@example.org")
    hospital.world.chooses(person, out("marketing_emails"))
    for mrn in ("RH1", "RH1", "RH2"):
        hospital.tracks(mrn=mrn)
    hospital.drain()

    copy = tmp_path / "heed.sqlite3"
    with sqlite3.connect(copy) as beside:
        for statement in connection.connection.iterdump():
            if any(f'"{table}"' in statement for table in TABLES) and "TRIGGER" not in statement:
                beside.execute(statement)

    why = ("appointment_booked", "No marketing emails: nothing to marketing and advertising")
    assert page.withheld(copy, str(person)) == {"webhook": page.Withheld(2, 2, [page.Why(*why, 2, 2)])}
    assert page.withheld(copy) == {"webhook": page.Withheld(2, 0, [page.Why(*why, 2, 0)])}
    assert page.withheld(Path("nowhere")) == page.withheld(None) == {}
