"""Two at once: on PostgreSQL as threads with their own connections, on SQLite as processes on one file."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event
from time import sleep

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction

from preferences import catalogue, services
from preferences.errors import Malformed
from preferences.models import Change, DataKey, Draft, Holding, Identifier, Profile, Revision
from preferences.services import notice_shown, publish_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind
from tests.factories import PatientFactory
from tests.own_sqlite import once
from tests.preferences.saying import (
    address,
    allowed,
    by_system,
    chooses,
    on_page,
    out,
    publish,
    t,
    tells,
    with_channel,
)
from tests.preferences.test_drafts import drafted
from tests.preferences.test_in_error import by_staff

pytestmark = pytest.mark.django_db(transaction=True)
on_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite takes one writer at a time"
)
AT_ONCE = 4


def at_once(*acts):
    """Run each in a thread with a connection of its own, started together; raises what any of them raises."""
    gate = Barrier(len(acts))

    def run(act):
        with closing(connection):
            gate.wait(timeout=10)
            return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(run, act) for act in acts]]


@on_postgres
@pytest.mark.parametrize("known", [True, False])
def test_a_message_that_comes_twice_at_once_counts_once(known):
    said = by_system()
    if known:
        tells(external_id="u1", email="u1@example.org", said=said)
    before = Change.objects.count()

    told = at_once(
        *[lambda: tells(out(), external_id="u1", email="u1@example.org", message_id="m1", said=said)]
        * AT_ONCE
    )

    assert [each.duplicate for each in told].count(False) == 1
    assert Change.objects.count() == before + 1


@on_postgres
def test_somebody_new_who_comes_twice_at_once_is_one_person():
    said = by_system()

    told = at_once(
        *[
            lambda n=n: tells(out("patient_surveys"), external_id="u1", phone=f"+1202555010{n}", said=said)
            for n in range(AT_ONCE)
        ]
    )

    assert len({each.profile_id for each in told}) == 1
    assert Identifier.objects.filter(kind="external_id").count() == Profile.objects.count() == 1
    assert Holding.objects.filter(identifier__kind="phone", until__isnull=True).count() == 1
    call_command("verify_ledger", verbosity=0)


@on_postgres
def test_identifiers_that_are_new_to_several_at_once_are_made_once_with_their_keys():
    said = by_system()
    names = [{"email": "a@example.org", "phone": "+12025550101"}, {"phone": "+12025550101", "mrn": "1"}]

    at_once(*[lambda names=names: tells(out(), said=said, **names) for names in names * 3])

    values = DataKey.objects.filter(use=DataKey.VALUE)
    assert set(values.values_list("owner", flat=True)) == set(Identifier.objects.values_list("id", flat=True))
    call_command("verify_ledger", verbosity=0)


@on_postgres
def test_the_first_evidence_that_comes_twice_at_once_finds_one_key():
    pat = PatientFactory.create()
    said = on_page(evidence={"ip": "192.0.2.1"})

    at_once(*[lambda: chooses(pat, out(), said=said)] * AT_ONCE)

    assert Change.objects.filter(subject_id=pat.id, evidence__isnull=False).count() == AT_ONCE
    call_command("verify_ledger", verbosity=0)


@on_postgres
def test_choices_of_one_person_at_once_are_one_chain():
    pat = PatientFactory.create()
    said = [on_page(t(minute)) for minute in range(8)]

    at_once(*[lambda each=each: chooses(pat, out("patient_surveys"), said=each) for each in said])

    assert Profile.objects.get(pk=pat.id).seq == 9
    assert not allowed(pat, "patient_surveys", "sms")
    call_command("verify_ledger", verbosity=0)


@on_postgres
def test_a_browser_that_folds_while_it_opts_out_loses_nothing():
    pat, said = PatientFactory.create(), by_system()
    browser = tells(anonymous_id="b1", said=said).profile_id

    at_once(
        lambda: tells(anonymous_id="b1", external_id=pat.external_id, said=said),
        lambda: chooses(browser, out("patient_surveys"), said=on_page()),
    )

    assert not allowed(pat, "patient_surveys", "sms")
    call_command("verify_ledger", verbosity=0)


@on_postgres
def test_publications_at_once_are_numbered_and_none_is_overlooked():
    at_once(*[lambda order=order: publish("patient_surveys", order=order) for order in range(31, 35)])

    numbers = Revision.objects.filter(key="patient_surveys").order_by("id").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]
    assert catalogue.catalogue().category("patient_surveys").revision == Revision.objects.latest("id").pk


@on_postgres
def test_somebody_may_look_while_a_choice_is_recorded():
    """A row that points to a person does not wait for those who write to it, nor they for it."""
    pat = PatientFactory.create()
    email = address("email", pat.email)

    at_once(
        *[lambda: chooses(pat, out(), said=on_page())] * 3,
        *[lambda: Holding.objects.filter(identifier=email).update(verified_how="staff")] * 3,
    )

    assert Profile.objects.get(pk=pat.id).seq == 4


@on_postgres
@pytest.mark.parametrize("meanwhile", ["merge", "part", "nothing"] * 2)
def test_links_switched_off_by_two_clicks_at_once_are_so_once_whoever_is_merged_or_parted(meanwhile):
    staff, kept, older, oldest = by_staff(), *(PatientFactory.create().id for _ in range(3))
    services.merge(survivor_id=older, other_id=oldest, said=staff, reason="same")

    def merge():
        services.merge(survivor_id=kept, other_id=older, said=staff, reason="same")

    def part():
        services.part(profile_id=oldest, said=staff, reason="twins")

    def click():
        return services.switch_links_off(profile_id=older, seen=0, said=staff, reason="astray")

    done = at_once({"merge": merge, "part": part}.get(meanwhile, click), click, click)

    assert done.count(True) == 1
    assert Profile.objects.get(pk=older).link_epoch == 1
    assert Profile.objects.get(pk=oldest).link_epoch == 1 or meanwhile == "part"
    call_command("verify_ledger", verbosity=0)


@on_postgres
@pytest.mark.parametrize("meanwhile", ["merge", "part"] * 3)
def test_who_chooses_while_they_are_merged_or_parted_waits_for_it_and_is_heard(meanwhile):
    said, staff = on_page(), by_staff()
    oldest, older, kept = (PatientFactory.create().id for _ in range(3))
    services.merge(survivor_id=older, other_id=oldest, said=staff, reason="same")

    def merge():
        services.merge(survivor_id=kept, other_id=older, said=staff, reason="same")

    def part():
        services.part(profile_id=oldest, said=staff, reason="twins")

    at_once(
        {"merge": merge, "part": part}[meanwhile],
        *[lambda: chooses(oldest, out("patient_surveys"), said=said)] * 2,
        lambda: chooses(older, out("patient_surveys"), said=said),
    )

    assert not allowed(oldest, "patient_surveys", "sms")
    call_command("verify_ledger", verbosity=0)


TWICE = """
from preferences import identity, services
from preferences.models import Source
from preferences.services import Call, Choice, Said
from preferences.terms import Actor, State
from preferences.clock import now
said = Said(Source.objects.get(slug="staff"), Actor.STAFF, now(), {"it": "was said"})
for n in range(40):
    name = identity.named("external_id", f"u{n}", "staff")
    call = Call((name, identity.named("email", "family@example.org")), (Choice("*", "*", State.OUT),))
    services.identify(call=call, said=said)
    services.identify(call=Call(call.identifiers, call.choices, message_id=f"m{n}"), said=said)
"""


PUBLISH = """
from preferences.errors import Malformed
from preferences.services import discard_draft, in_force, publish_draft
from preferences.terms import RevisionKind
from tests.preferences.preparing import prepared
published = 0
for n in range(30):
    body = in_force(RevisionKind.CATEGORY, "patient_surveys").body
    body = {{**body, "order": {order} + n}}
    draft = prepared(RevisionKind.CATEGORY, "patient_surveys", body, "{name}")
    try:
        publish_draft(draft=draft, by="{name}")
        published += 1
    except Malformed as refused:
        assert "meanwhile: see what it changed" in refused.message
        discard_draft(draft=draft, by="{name}")
print(published)
"""
KEPT = """
from preferences.models import Revision
print(Revision.objects.filter(author__in=["ann", "ben"]).count())
"""


@pytest.fixture
def shells(tmp_path):
    """Run these texts at once, each in a process of its own on one SQLite file; what each said."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/heed.sqlite3", "REDIS_URL": ""}

    def manage(*command):
        return subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=django_settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(process):
        said, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint
        return said

    def run(*texts):
        running = [manage("shell", "--verbosity", "0", "-c", text) for text in texts]
        return [ended(process) for process in running]

    ended(manage("migrate", "--verbosity", "0"))
    yield run
    run("from django.core.management import call_command; call_command('verify_ledger')")


@once
def test_two_processes_on_one_sqlite_file(shells):
    shells(TWICE, TWICE)

    # Forty people, each told of twice by each process, once more with a message that counts once.
    [said] = shells("from django.core.management import call_command; call_command('verify_ledger')")
    assert "120 entries about 121 people and identifiers" in said


@once
def test_two_processes_that_publish_on_one_sqlite_file_never_overwrite_each_other(shells):
    said = shells(*[PUBLISH.format(name=name, order=order) for name, order in (("ann", 1000), ("ben", 2000))])

    [kept] = shells(KEPT)
    assert int(kept) == sum(map(int, said)) > 0


@on_postgres
def test_of_two_who_publish_at_once_one_is_refused_in_words_and_keeps_the_draft():
    drafts = [drafted(by=each, order=order) for each, order in (("ann", 31), ("ben", 32))]

    told = at_once(
        *[lambda draft=draft: refusal(publish_draft, draft=draft, by=draft.author) for draft in drafts]
    )

    [words] = [each for each in told if each]
    assert "somebody published revision 2 meanwhile: see what it changed, then choose" in words
    assert Revision.objects.filter(key="patient_surveys").count() == 2
    assert Draft.objects.filter(state="draft").count() == 1


@on_postgres
def test_a_draft_that_two_publish_at_once_is_published_once():
    draft = drafted(order=31)

    told = at_once(*[lambda: refusal(publish_draft, draft=draft, by="ben")] * AT_ONCE)

    assert told.count("") == 1
    assert Revision.objects.filter(key="patient_surveys").count() == 2


@on_postgres
@pytest.mark.parametrize("begun", [True, False])
def test_of_two_windows_that_save_at_once_one_is_kept_beside_the_other(begun):
    stands = Revision.objects.get(key="patient_surveys")
    seen = Shown.of(drafted(by="ann", order=31) if begun else None, stands, "ann")

    def save(order):
        body = {**stands.body, "order": order}
        try:
            services.save_draft(
                kind=RevisionKind.CATEGORY, key=stands.key, body=body, author="ann", reason="", seen=seen
            )
        except services.Overtaken as overtaken:
            services.set_aside(overtaken=overtaken)

    at_once(*[lambda order=order: save(order) for order in (32, 33)])

    drafts = Draft.objects.order_by("state").values_list("state", "body__order")
    assert [state for state, _ in drafts] == ["discarded", "draft"]
    assert sorted(order for _, order in drafts) == [32, 33]


def refusal(act, **how):
    """What it was refused with; empty where it was done."""
    try:
        act(**how)
    except Malformed as refused:
        return refused.message
    return ""


@on_postgres
def test_who_is_just_leaving_the_last_channel_when_another_comes_is_out_of_that_too():
    """The publication waits for whoever is writing, and sees what they wrote."""
    pat, written = PatientFactory.create(), Event()
    chooses(pat, out("patient_surveys", "email"))

    def leave():
        with transaction.atomic():
            chooses(pat, out("patient_surveys", "sms"))
            written.set()
            sleep(0.5)

    def gain_a_channel():
        written.wait(timeout=10)
        publish("patient_surveys", offers=with_channel("patient_surveys", channel="phone"))

    at_once(leave, gain_a_channel)

    assert not allowed(pat, "patient_surveys", "phone")
    call_command("verify_ledger", verbosity=0)


@on_postgres
def test_saving_a_page_while_a_channel_comes_blocks_nobody_for_good():
    people = [PatientFactory.create() for _ in range(6)]

    def save(pat):
        with transaction.atomic():  # as the preference page does: the person first, then the wording shown
            chooses(pat, out("patient_surveys", "email"), out("patient_surveys", "sms"))
            notice_shown(key="page", body={"text": f"for {pat.id}"})

    def gain_a_channel():
        publish("patient_surveys", offers=with_channel("patient_surveys", channel="phone"))

    at_once(*[lambda pat=pat: save(pat) for pat in people], gain_a_channel)

    revision = Revision.objects.filter(key="patient_surveys").latest("number")
    for pat in people:
        said = Change.objects.filter(subject_id=pat.id, entries__contains='"email"').earliest("seq")
        assert not allowed(pat, "patient_surveys", "phone") or said.recorded_at > revision.published_at
    call_command("verify_ledger", verbosity=0)
