"""The ledger: sealed as DESIGN section 7 fixes it, and only ever added to."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
import rfc8785
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, transaction

from preferences import clock, triggers
from preferences.checks import ledger_guarded
from preferences.models import Change, DataKey, Outbox, Profile, Revision, Source
from preferences.services import log_view, notice_shown, record, restrict
from preferences.terms import RestrictionKind
from tests.factories import PatientFactory
from tests.preferences.saying import (
    address,
    by_system,
    chooses,
    decided,
    into,
    on_page,
    out,
    publish,
    t,
    tells,
)

pytestmark = pytest.mark.django_db


def entries(change):
    return json.loads(change.entries)


# --- what a change says ---


def test_a_change_says_what_by_whom_from_where_and_when():
    pat = PatientFactory.create()
    notice = notice_shown(key="page", body={"text": "What we send you"})
    chooses(pat, out("patient_surveys", "sms"), said=on_page(t(0), notice_id=notice.pk, who="staff:ann"))

    change = Change.objects.filter(subject_id=pat.id).latest("seq")
    assert change.source.slug == "preference_page"
    assert (change.occurred_at, change.notice_id) == (t(0), notice.pk)
    assert entries(change) == [
        {
            "do": "choice",
            "category": "patient_surveys",
            "channel": "sms",
            "state": "opted_out",
            "at": clock.micros(t(0)),
            "by": "person",
            "who": "staff:ann",
            "notice": notice.pk,
        }
    ]


def test_each_change_is_chained_to_the_one_before():
    pat = PatientFactory.create()
    for minute in range(3):
        chooses(pat, out("patient_surveys", "sms"), at=t(minute))

    head = bytes(32)
    for seq, change in enumerate(Change.objects.filter(subject_id=pat.id).order_by("seq"), start=1):
        content = {
            "subject": f"profile:{pat.id}",
            "seq": seq,
            "source": change.source.slug,
            "occurred_at": clock.micros(change.occurred_at),
            "recorded_at": clock.micros(change.recorded_at),
            "entries": entries(change),
            "evidence": bytes(change.commitment).hex(),
        }
        head = hashlib.sha256(b"\x01" + head + rfc8785.dumps(content)).digest()
        assert bytes(change.hash) == head
    profile = Profile.objects.get(pk=pat.id)
    assert (profile.seq, bytes(profile.head)) == (seq, head)


@pytest.mark.parametrize("occurred", [datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
def test_a_senders_impossible_clock_stops_no_opt_out(occurred):
    pat = PatientFactory.create()
    chooses(pat, out("patient_surveys", "sms"), said=by_system(occurred=occurred))

    change = Change.objects.filter(subject_id=pat.id).latest("seq")
    assert change.occurred_at == change.recorded_at
    assert not decided(pat, "patient_surveys", "sms").allowed


def test_what_is_not_counted_is_recorded_all_the_same():
    pat = PatientFactory.create()
    chooses(pat, into("marketing_emails", "email"), said=by_system())

    [entry] = entries(Change.objects.latest("id"))
    assert (entry["counted"], entry["why"]) == (False, "not_the_person")


def test_a_change_leaves_one_row_in_the_outbox_and_opt_outs_are_marked():
    pat = PatientFactory.create()
    Outbox.objects.all().delete()
    chooses(pat, into("patient_surveys", "sms"))
    chooses(pat, out("patient_surveys", "sms"))

    rows = Outbox.objects.order_by("id").values_list("subject_kind", "subject", "denies")
    assert list(rows) == [("profile", str(pat.id), False), ("profile", str(pat.id), True)]


def test_a_restriction_is_handed_over_by_its_address():
    phone = address("phone", "+12025550199")
    restrict(identifier_id=phone, kind=RestrictionKind.STOP, said=by_system())

    assert Outbox.objects.filter(subject_kind="identifier", subject=str(phone), denies=True).count() == 1


def test_nothing_is_handed_over_of_what_is_not_committed():
    pat = PatientFactory.create()
    before = Outbox.objects.count(), Change.objects.count()

    with transaction.atomic():
        chooses(pat, out())
        transaction.set_rollback(True)

    assert (Outbox.objects.count(), Change.objects.count()) == before


def test_one_wake_up_follows_the_commit(django_capture_on_commit_callbacks):
    pat = PatientFactory.create()

    with django_capture_on_commit_callbacks() as callbacks:
        chooses(pat, out())

    assert len(callbacks) == 1


def test_the_same_work_for_every_change(django_assert_num_queries):
    pat = PatientFactory.create()
    said = on_page()
    chooses(pat, out("patient_surveys", "sms"))

    # The person locked; the change, the person and the outbox written; and the savepoint that tests bring.
    with django_assert_num_queries(6):
        record(profile_id=pat.id, choices=[out()], said=said)


def test_the_work_of_a_call_about_somebody_new_and_known(django_assert_num_queries):
    said = by_system()
    tells(out("patient_surveys"), external_id="u0", email="u0@example.org", said=said)

    with django_assert_num_queries(20):
        tells(out("patient_surveys"), external_id="u1", email="u1@example.org", said=said)
    with django_assert_num_queries(10):
        tells(out("patient_surveys"), external_id="u1", email="u1@example.org", said=said)


# --- the database refuses ---


@pytest.mark.parametrize("table", ["preferences_change", "preferences_revision", "preferences_viewlog"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_alter_what_is_only_added_to(table, act):
    if connection.vendor == "sqlite" and act.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE")
    chooses(PatientFactory.create(), out())
    log_view(actor="ann", page="person")
    connection.check_constraints()  # those that wait for the end: PostgreSQL would refuse for their sake

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run(act.format(table))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own way around a trigger")
def test_an_insert_or_replace_is_refused_too():
    chooses(PatientFactory.create(), out())
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run("INSERT OR REPLACE INTO preferences_change SELECT * FROM preferences_change")


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["before a flush", "after a flush"])
def test_the_triggers_are_on(time):
    """Twice, with a flush in between: what the migrations brought is there, and only that."""
    assert triggers.missing() == []
    assert Revision.objects.filter(kind="category").count() == 7
    assert set(Source.objects.values_list("slug", flat=True)) == {"preference_page", "staff"}
    PatientFactory.create()


def test_the_system_check_names_a_missing_trigger_and_the_remedy():
    assert ledger_guarded(databases=["default"]) == []

    with triggers.lifted():
        [problem] = ledger_guarded(databases=["default"])

    assert problem.id == "heed.E004"
    assert "preferences_change_no_update" in problem.msg
    assert "triggers.install()" in str(problem.hint)
    assert ledger_guarded(databases=["default"]) == []


def test_the_system_check_is_part_of_check():
    with triggers.lifted(), pytest.raises(SystemCheckError, match=r"heed\.E004"):
        call_command("check", databases=["default"])


# --- publications ---


def test_a_publication_is_numbered_and_the_same_body_again_is_the_same():
    first = publish("patient_surveys", order=35)
    again = publish("patient_surveys", order=35)

    assert (first.number, again.pk) == (2, first.pk)


def test_the_same_wording_is_one_notice():
    shown = [notice_shown(key="page", body={"text": text}) for text in ("a", "b", "a")]

    assert [each.number for each in shown] == [1, 2, 1]


def test_evidence_has_a_key_of_its_own_per_person():
    pat, sam = PatientFactory.create(), PatientFactory.create()
    for person in (pat, pat, sam):
        chooses(person, out(), said=on_page(evidence={"ip": "192.0.2.1"}))

    assert DataKey.objects.filter(use=DataKey.EVIDENCE).count() == 2
