"""`manage.py verify_ledger` finds whatever was tampered with, and says no more than whose it is."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from preferences import keys, triggers, verify
from preferences.chains import read_chains
from preferences.ledger import seal
from preferences.models import Change, DataKey, Identifier, Profile, Source
from preferences.services import notice_shown, restrict
from preferences.terms import RestrictionKind
from tests.factories import PatientFactory
from tests.preferences.saying import address, by_system, chooses, into, on_page, out, t, tells
from tests.preferences.test_keys import rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat():
    """A person with a history: a browser folded in, a move, evidence, a wording, a restriction."""
    pat = PatientFactory.create(email="pat@example.org", jurisdiction="US-CA", language="es")
    notice = notice_shown(key="page", body={"text": "What we send you"}).pk
    browser = tells(out("sale_or_sharing"), anonymous_id="b1").profile_id
    chooses(browser, out("patient_surveys"), at=t(3))
    chooses(pat, out("patient_surveys", "sms"), said=on_page(t(2), evidence={"ip": "192.0.2.1"}))
    tells(anonymous_id="b1", external_id=pat.external_id)
    chooses(browser, into("patient_surveys", "email"), said=on_page(t(4), notice_id=notice))
    chooses(pat, into("marketing_emails", "email"), said=by_system())
    tells(external_id=pat.external_id, jurisdiction="US-TX", email="new@example.org")
    for _ in range(2):
        restrict(
            identifier_id=address("phone", pat.phone),
            kind=RestrictionKind.STOP,
            said=by_system(evidence={"text": "STOP"}),
        )
    return pat


def verified():
    """Exit code and what was said."""
    said = StringIO()
    try:
        call_command("verify_ledger", stdout=said, stderr=StringIO())
    except CommandError as error:
        return error.returncode, said.getvalue()
    return 0, said.getvalue()


def finds(subject, what):
    code, said = verified()
    assert code == 1
    assert what in said
    assert {line.partition(": ")[0] for line in said.splitlines()} == {subject}


def of(pat):
    return Change.objects.filter(subject_id=pat.id)


def tamper(rows, **values):
    with triggers.lifted():
        rows.update(**values)


# --- whole ---


def test_what_nobody_touched_is_whole(pat):
    subjects = Profile.objects.count() + Identifier.objects.count()
    whole = (
        f"The ledger is whole: {Change.objects.count()} entries about {subjects} people and identifiers.\n"
    )

    assert verified() == (0, whole)


def test_it_is_whole_after_a_rotation_of_keys(pat, settings):
    settings.HEED_KEYS = rotated(settings)

    assert verified()[0] == 0


def test_it_is_whole_where_evidence_was_forgotten(pat):
    DataKey.objects.filter(use=DataKey.EVIDENCE).delete()

    assert verified()[0] == 0


def test_the_order_of_arrival_is_its_own(pat):
    chooses(pat, out("patient_surveys"), at=t(-5))

    assert verified()[0] == 0


# --- altered ---


@pytest.mark.parametrize(
    "values",
    [
        lambda change: {"entries": change.entries.replace("opted_out", "opted_in")},
        lambda change: {"entries": "[]"},
        lambda change: {"occurred_at": change.occurred_at + timedelta(microseconds=1)},
        lambda change: {"recorded_at": change.recorded_at + timedelta(days=1)},
        lambda change: {"source": Source.objects.create(slug="forged", name="Forged", kind="staff")},
        lambda change: {"hash": bytes(32)},
        lambda change: {"commitment": bytes(32), "evidence": None},
    ],
    ids=["entries", "no entries", "when it occurred", "when it was recorded", "source", "hash", "commitment"],
)
def test_an_altered_change_is_found(pat, values):
    change = of(pat).get(seq=2)
    tamper(of(pat).filter(seq=2), **values(change))

    finds(f"profile:{pat.id}", "entry 2 was altered")


def test_a_change_that_was_altered_with_its_own_hash_is_found(pat):
    change = of(pat).get(seq=2)
    forged = json.loads(change.entries)
    forged[0]["state"] = "opted_in"
    before = of(pat).get(seq=1)
    sealed = seal(
        bytes(before.hash),
        subject=f"profile:{pat.id}",
        seq=2,
        source=change.source.slug,
        occurred_at=change.occurred_at,
        recorded_at=change.recorded_at,
        entries=forged,
        commitment=bytes(change.commitment),
    )
    tamper(of(pat).filter(seq=2), entries=json.dumps(forged), hash=sealed)

    finds(f"profile:{pat.id}", "entry 3 was altered, or does not follow")


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "[{}]"])
def test_entries_that_make_no_sense_are_found(pat, text):
    tamper(of(pat).filter(seq=2), entries=text)

    finds(f"profile:{pat.id}", "entry 2")


def test_a_change_moved_to_somebody_else_is_found(pat):
    sam = PatientFactory.create()
    tamper(of(pat).filter(seq=of(pat).count()), subject_id=sam.id, seq=2)

    code, said = verified()
    assert code == 1
    assert f"profile:{pat.id}: its last entries are gone" in said
    assert f"profile:{sam.id}: " in said


# --- taken away, and added ---


def test_a_gap_is_found(pat):
    with triggers.lifted():
        of(pat).filter(seq__in=[2, 3]).delete()

    finds(f"profile:{pat.id}", "entries 2 to 3 are missing")


@pytest.mark.parametrize("left", [3, 0])
def test_a_cut_tail_is_found(pat, left):
    count = of(pat).count()
    with triggers.lifted():
        of(pat).filter(seq__gt=left).delete()

    finds(f"profile:{pat.id}", f"its last entries are gone: {count} were written, {left} are left")


def test_a_cut_tail_is_found_where_the_row_was_told_too(pat):
    with triggers.lifted():
        of(pat).filter(seq=of(pat).count()).delete()
    Profile.objects.filter(pk=pat.id).update(seq=of(pat).count())

    finds(f"profile:{pat.id}", "its chain does not end as it was written")


def test_an_added_change_is_found(pat):
    last = of(pat).latest("seq")
    Change.objects.bulk_create([copy_of(last, seq=last.seq + 1)])

    finds(f"profile:{pat.id}", "after its end")


def copy_of(change, **values):
    copied = {field.attname: getattr(change, field.attname) for field in Change._meta.concrete_fields}
    return Change(**copied | {"id": None} | values)


def test_entries_of_nobody_are_found(pat):
    nobody = "5f0b7d0e-0000-4000-8000-000000000000"
    Change.objects.bulk_create([copy_of(of(pat).get(seq=1), subject_id=nobody)])

    finds(f"profile:{nobody}", "nobody they are about")


def test_a_tail_cut_from_an_address_is_found(pat):
    phone = address("phone", pat.phone)
    with triggers.lifted():
        Change.objects.filter(subject_id=phone, seq=2).delete()

    finds(f"identifier:{phone}", "its last entries are gone")


# --- evidence and wording ---


@pytest.mark.parametrize("evidence", [None, b"x" * 60], ids=["taken away", "altered"])
def test_altered_evidence_is_found(pat, evidence):
    change = of(pat).filter(evidence__isnull=False).get()
    tamper(of(pat).filter(pk=change.pk), evidence=evidence)

    finds(f"profile:{pat.id}", f"the evidence of entry {change.seq} was altered or taken away")


def test_evidence_that_was_exchanged_under_its_own_key_is_found(pat):
    change = of(pat).get(evidence__isnull=False)
    row = DataKey.objects.get(owner=pat.id, use=DataKey.EVIDENCE)
    data_key = keys.unwrap(keys.Wrapped(row.key_id, bytes(row.nonce), bytes(row.wrapped)), pat.id.bytes)
    tamper(of(pat).filter(pk=change.pk), evidence=keys.encrypt(data_key, b"s" * 16 + b"{}", pat.id.bytes))

    finds(f"profile:{pat.id}", f"the evidence of entry {change.seq} was altered")


def test_evidence_under_a_lost_key_is_told(pat, settings):
    DataKey.objects.filter(owner=pat.id, use=DataKey.EVIDENCE).update(key_id="lost")

    finds(f"profile:{pat.id}", "a key that HEED_KEYS does not list")


def test_another_wording_than_the_one_shown_is_found(pat):
    other = notice_shown(key="page", body={"text": "Something else"})
    change = of(pat).get(notice__isnull=False)
    tamper(of(pat).filter(pk=change.pk), notice=other)

    finds(f"profile:{pat.id}", f"entry {change.seq} points to another wording")


# --- projections ---


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("choices", "{}", "its choices"),
        ("jurisdiction", "US-NV", "its jurisdiction"),
        ("language", "", "its language"),
        ("time_zone", "UTC", "its time zone"),
    ],
)
def test_an_altered_projection_of_a_person_is_found(pat, column, value, what):
    Profile.objects.filter(pk=pat.id).update(**{column: value})

    finds(f"profile:{pat.id}", what)


def test_a_person_torn_from_a_browser_is_found(pat):
    browser = Profile.objects.get(merged_into=pat.id)
    Profile.objects.filter(pk=browser.pk).update(merged_into=None)

    finds(f"profile:{browser.pk}", "part of another person")


def test_an_altered_projection_of_an_address_is_found(pat):
    phone = address("phone", pat.phone)
    Identifier.objects.filter(pk=phone).update(restrictions="{}")

    finds(f"identifier:{phone}", "its restrictions")


# --- how it runs ---


def test_it_needs_the_same_queries_for_many_in_a_chunk(pat, django_assert_max_num_queries):
    for _ in range(20):
        PatientFactory.create()

    with django_assert_max_num_queries(14):
        list(verify.verify())


def test_it_goes_on_through_many_chunks(pat, monkeypatch):
    monkeypatch.setattr(verify, "CHUNK", 3)
    for _ in range(10):
        chooses(PatientFactory.create(), out())
    Profile.objects.filter(pk=max(Profile.objects.values_list("id", flat=True))).update(
        choices='{"*:*":[0,1,1,0]}'
    )

    checked = list(verify.verify())

    assert sum(part.changes for part in checked) == Change.objects.count()
    assert sum(part.subjects for part in checked) == Profile.objects.count() + Identifier.objects.count()
    assert sum(len(part.findings) for part in checked) == 1


def test_what_changes_while_it_reads_is_no_finding(pat, monkeypatch):
    """A choice arrives between the rows of people and their chains."""
    arrived: list[object] = []

    def late(kind, ids):
        if not arrived:
            arrived.append(chooses(pat, out()))
        return read_chains(kind, ids)

    monkeypatch.setattr(verify, "read_chains", late)

    assert verified()[0] == 0


def test_it_writes_nothing(pat):
    with transaction.atomic(), connection.execute_wrapper(no_writes):
        assert verified()[0] == 0


def no_writes(execute, sql, params, many, context):
    assert sql.lstrip().startswith(("SELECT", "DECLARE", "WITH")), sql
    return execute(sql, params, many, context)


def test_no_address_is_ever_printed(pat):
    Profile.objects.update(choices='{"x:y":[0,1,1,0]}')
    Identifier.objects.update(restrictions='{"stop:*:":[1,1,0,0]}')

    said = verified()[1]

    assert not [part for part in ("example.org", pat.phone, pat.external_id) if part in said]
