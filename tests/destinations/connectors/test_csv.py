"""Suppression files: what a reader finds in the directory, over the engine and the real ways out."""

import csv
import hashlib
import os
import time
from datetime import timedelta
from io import StringIO

import paramiko
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from destinations import backoff, files, publishing, sftp, tasks, ways
from destinations.connectors.csv import Csv, Line, written
from destinations.contract import Call, Field, Later, Listed, Reason, Settings, Stuck
from destinations.http import Blocked, NoAnswer, Way
from destinations.models import Approval, Destination, Propagation, Publication
from destinations.probing import probe
from destinations.sandbox import running
from destinations.sandbox.sftp import PASSWORD, USER, SftpSandbox
from destinations.services import agree, do_or_ask, save_destination
from destinations.terms import Act
from preferences.errors import Forbidden
from tests.destinations.conftest import world
from tests.destinations.connectors.conftest import OUT, wanted
from tests.destinations.connectors.test_published import published
from tests.world import into, out

__all__ = ["world"]
MAIL = out("marketing_emails", "email")
FILE, CALLS = "suppressions-marketing_emails.csv", "suppressions-phone_outreach.csv"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "out"
    place.mkdir()
    return place


@pytest.fixture
def connect(folder, settings):
    def made(secrets=(), **more):
        settings.HEED_PRIVATE_HOSTS = {**settings.HEED_PRIVATE_HOSTS, "files": [str(folder)]}
        Destination.objects.update(state="paused")  # the others have tests of their own
        return save_destination(
            connector="csv",
            slug="files",
            name="Dialler",
            public_label="Our dialler",
            purpose="call_center",
            state="live",
            settings={"base_url": f"file://{folder}", **more},
            secrets=dict(secrets),
            agreement="BAA 2025",
            author="ana",
        )

    return made


def people(world, count, *choices):
    made = []
    for number in range(count):
        told = {"mrn": f"RH{number}", "email": f"p{number}@example.org", "phone": f"+1202555{number:04}"}
        made.append(world.registers(**told).profile_id)
        if choices:
            world.chooses(made[-1], *choices)
    return made


def lines(folder, name=FILE):
    return [row[0] for row in csv.reader(StringIO((folder / name).read_text()))][1:]


def states():
    return set(Propagation.objects.filter(destination__slug="files").values_list("state", "reason"))


def test_who_is_out_stands_in_the_file_and_is_told(world, connect, folder):
    connect()
    people(world, 3, MAIL)
    world.drain()

    assert (folder / FILE).read_bytes() == (
        b"address\r\np0@example.org\r\np1@example.org\r\np2@example.org\r\n"
    )
    assert {state for state, _ in states()} == {"acknowledged"}
    assert list(folder.glob("*.part")) == []


def test_the_checksum_and_the_count_stand_beside_it(world, connect, folder):
    connect()
    people(world, 2, MAIL)
    world.drain()
    [shown] = published("csv")

    assert (folder / FILE).read_bytes() == shown["text"].encode()
    assert (folder / f"{FILE}.sha256").read_text() == shown["checksum"]
    assert hashlib.sha256(shown["text"].encode()).hexdigest() in shown["checksum"]


def test_an_empty_list_is_a_file_too(world, connect, folder):
    connect()
    people(world, 1, MAIL)
    world.drain()

    assert (folder / CALLS).read_bytes() == b"address\r\n"


def test_the_file_holds_everyone_though_a_turn_is_about_one(world, connect, folder):
    connect()
    first, second = people(world, 2)
    world.chooses(first, MAIL)
    world.drain()
    world.chooses(second, MAIL)
    world.drain()

    assert lines(folder) == ["p0@example.org", "p1@example.org"]


def test_who_says_yes_again_is_taken_off(world, connect, folder):
    connect(shrinks_by="60")
    first, _ = people(world, 2, MAIL)
    world.drain()
    world.chooses(first, into("marketing_emails", "email"))
    world.drain()

    assert lines(folder) == ["p1@example.org"]


def test_the_end_of_a_pause_takes_them_off_too(world, connect, folder):
    connect(shrinks_by="60")
    people(world, 2, MAIL)
    other = world.registers(mrn="RH9", email="p9@example.org").profile_id
    world.pauses(other, "marketing_emails", 3)
    world.drain()
    assert "p9@example.org" in lines(folder)
    world.ends_pause(other, "marketing_emails")
    world.drain()

    assert "p9@example.org" not in lines(folder)
    assert Propagation.objects.filter(targets__contains="marketing_emails").count() == 2


# --- a list that lost too much ---


@pytest.fixture
def shrunk(world, connect, folder, monkeypatch):
    """Of twenty lines three are gone, where three count as many."""
    monkeypatch.setattr("destinations.contract.listed.FEW", 3)
    system = connect()
    told = people(world, 20, MAIL)
    world.drain()
    for person in told[:3]:
        world.chooses(person, into("marketing_emails", "email"))
    world.drain()
    return system


def test_nobody_is_taken_off_a_list_that_lost_too_many(shrunk, folder):
    assert len(lines(folder)) == 20
    stuck = Propagation.objects.filter(destination=shrunk, reason=Reason.SHRANK)
    assert {each.detail for each in stuck} == {"marketing_emails: of 20 who stood on it, 3 are missing now"}
    assert stuck.count() == 3


def test_a_new_no_leaves_with_it_all_the_same(world, shrunk, folder):
    late = world.registers(mrn="RH99", email="late@example.org").profile_id
    world.chooses(late, MAIL)
    world.drain()

    assert len(lines(folder)) == 21
    assert "late@example.org" in lines(folder)
    assert Propagation.objects.filter(destination=shrunk, denied_at__isnull=False).count() == 0
    assert Propagation.objects.filter(destination=shrunk, reason=Reason.SHRANK).count() == 3


def test_others_who_come_do_not_make_up_for_those_who_are_missing(world, shrunk, folder):
    for number in range(30, 36):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        world.chooses(person, MAIL)
    world.drain()

    assert {f"p{number}@example.org" for number in (0, 1, 2, 30, 35)} <= set(lines(folder))
    assert Publication.objects.get(name="marketing_emails").rows == 26


def test_it_leaves_once_few_enough_are_missing(world, shrunk, folder):
    again = world.registers(mrn="RH0", email="p0@example.org").profile_id
    world.chooses(again, MAIL)
    world.drain()
    world.later()
    world.drain()

    assert "p0@example.org" in lines(folder)
    assert "p1@example.org" not in lines(folder)


def test_who_goes_missing_after_somebody_agreed_is_looked_at_anew(world, shrunk, folder):
    asked = do_or_ask(destination=shrunk, act=Act.SHRINK, by="ana").approval
    assert asked
    agree(approval_id=asked.pk, by="ruth")
    world.drain()
    for number in (3, 4, 5):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        world.chooses(person, into("marketing_emails", "email"))
    world.drain()

    assert "p0@example.org" not in lines(folder)
    assert "p3@example.org" in lines(folder)


def test_a_second_person_lets_it_through_and_never_the_first(world, shrunk, folder):
    asked = do_or_ask(destination=shrunk, act=Act.SHRINK, by="ana").approval
    assert asked
    assert (asked.people, asked.differ) == (20, 3)
    with pytest.raises(Forbidden):
        agree(approval_id=asked.pk, by="ana")
    assert len(lines(folder)) == 20

    agree(approval_id=asked.pk, by="ruth")
    world.drain()
    assert len(lines(folder)) == 17
    assert Publication.objects.get(name="marketing_emails").rows == 17
    assert {state for state, _ in states()} == {"acknowledged"}


def test_staff_ask_for_it_on_the_systems_page(client, django_user_model, shrunk):
    client.force_login(django_user_model.objects.create_superuser("ana"))
    page = f"/admin/destinations/destination/{shrunk.pk}/shrink/"
    assert "Of 20 people who stood on it, 3 are missing now." in client.get(page, follow=True).text

    client.post(page, follow=True)
    assert Approval.objects.get().act == Act.SHRINK


def test_without_a_list_held_back_there_is_no_such_button(client, world, connect):
    client.force_login(User.objects.create_superuser("ana"))
    system = connect()

    assert client.get(f"/admin/destinations/destination/{system.pk}/shrink/", follow=True).status_code == 403


@pytest.mark.parametrize(
    ("before", "now", "lost"),
    [
        (None, 0, False),
        (0, 0, False),
        (4, 3, False),
        (19, 0, False),
        (20, 0, True),
        (200, 180, False),
        (200, 179, True),
    ],
)
def test_a_tenth_may_go_missing(before, now, lost):
    assert Listed([], before, gone=(before or 0) - now).lost_too_many is lost


# --- daily ---


def daily(now):
    """What the sweep asks for, done."""
    return sum(publishing.publish(pk, now) for pk in publishing.due(now))


def test_a_file_leaves_daily_though_nothing_has_changed(world, connect, folder):
    connect()
    assert daily(timezone.now()) == 1
    assert (folder / FILE).read_bytes() == b"address\r\n"
    (folder / FILE).unlink()

    assert daily(timezone.now() + timedelta(hours=23)) == 0
    assert daily(timezone.now() + timedelta(hours=25)) == 1
    assert (folder / FILE).exists()


@pytest.mark.parametrize("state", ["paused", "shadow"])
def test_nothing_leaves_for_a_system_that_is_not_live(world, connect, folder, state):
    system = connect()
    Destination.objects.filter(pk=system.pk).update(state=state)
    people(world, 1, MAIL)
    world.drain()
    daily(timezone.now())

    assert list(folder.iterdir()) == []


def test_the_daily_file_is_held_back_as_well(shrunk, folder):
    daily(timezone.now() + timedelta(hours=25))

    assert len(lines(folder)) == 20


# --- changes only ---


def test_changes_have_files_of_their_own(world, connect, folder):
    connect(mode="delta", phone_format="national")
    person, _ = people(world, 2, MAIL, out("phone_outreach", "phone"))
    world.drain()
    world.chooses(person, into("marketing_emails", "email"))
    world.drain()

    told = {name: changes(folder, name) for name in ("marketing_emails", "phone_outreach")}
    assert told["marketing_emails"] == [
        ["p0@example.org", "A"],
        ["p0@example.org", "D"],
        ["p1@example.org", "A"],
    ]
    assert told["phone_outreach"] == [["2025550000", "A"], ["2025550001", "A"]]


def changes(folder, name):
    files = folder.glob(f"suppressions-{name}-*.csv")
    rows = [row for file in files for row in list(csv.reader(StringIO(file.read_text())))[1:]]
    return sorted([address, action] for address, action in {tuple(row) for row in rows})


@pytest.mark.parametrize(
    ("how", "number"), [("e164", "+12025550101"), ("digits", "12025550101"), ("national", "2025550101")]
)
def test_numbers_are_written_as_the_reader_wants_them(how, number):
    settings = Settings({"phone_format": how})
    assert written("+12025550101", settings) == number
    assert written('a,"b"@example.org', settings) == 'a,"b"@example.org'
    assert written("+442079460000", Settings({"phone_format": "national"})) == "442079460000"


def test_what_the_list_does_not_hold_is_not_counted_as_told():
    lists = {"marketing_emails": Listed((), email=True)}
    line = Line(wanted("ana@example.org", fields={"marketing_emails": OUT}), lists)
    assert line.outcome({}, {"marketing_emails": frozenset()}) == Later(
        Reason.PARTIAL, detail="marketing_emails: the list does not hold it"
    )

    alone = Line(wanted("ana@example.org", fields={"marketing_emails": Field(None, None)}), lists)
    assert alone.outcome({"marketing_emails": Stuck(Reason.SHRANK)}, {}).held == {}
    number = Line(wanted("+12025550101", fields={"marketing_emails": OUT}), lists)
    assert number.outcome({}, {"marketing_emails": frozenset()}).held == {}


# --- the ways out ---


@pytest.mark.parametrize("path", ["/../a.csv", "/a/b.csv", "/.hidden", "a.csv", "/"])
def test_only_a_file_in_the_directory_itself_is_written(folder, path):
    way = Way(f"file://{folder}", Csv.may_call, frozenset({str(folder)}))
    with pytest.raises(Blocked):
        ways.send(Call("PUT", path, body=b""), way, 0)


def test_only_a_directory_that_an_operator_named_is_written_to(folder):
    with pytest.raises(Blocked):
        ways.send(Call("PUT", "/a.csv", body=b""), Way(f"file://{folder}", Csv.may_call), 0)


def test_a_directory_that_is_not_there_is_said(folder):
    way = Way(f"file://{folder}/in", Csv.may_call, frozenset({f"{folder}/in"}))

    assert files.send(Call("PUT", "/a.csv", body=b""), way, 0).status == 404


def test_a_file_that_breaks_off_leaves_the_one_before_it(folder, monkeypatch):
    way = Way(f"file://{folder}", Csv.may_call, frozenset({str(folder)}))
    files.send(Call("PUT", "/a.csv", body=b"whole"), way, 0)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoAnswer):
        files.send(Call("PUT", "/a.csv", body=b"ha"), way, 0)
    assert (folder / "a.csv").read_bytes() == b"whole"
    assert list(folder.glob("*.part")) == []


def test_a_test_of_the_connection_writes_a_file_that_says_so(world, connect, folder):
    [found] = probe(connect())

    assert found.ok
    assert b"test" in (folder / "heed-test.txt").read_bytes()


@pytest.fixture
def server(stack, folder):
    return stack.enter_context(running(SftpSandbox(folder)))


@pytest.fixture
def to_server(connect, server, settings):
    """Connected, with these differences."""
    settings.HEED_PRIVATE_HOSTS = {"files": [server.url.removeprefix("sftp://")]}

    def made(secret=PASSWORD, **more):
        system = connect(
            {"secret": secret}, **{"base_url": server.url, "user": USER, "host_key": server.host_key, **more}
        )
        settings.HEED_PRIVATE_HOSTS = {"files": [server.url.removeprefix("sftp://")]}
        return system

    return made


def test_files_are_put_onto_an_sftp_server(world, to_server, folder):
    to_server()
    people(world, 2, MAIL)
    world.drain()

    assert lines(folder) == ["p0@example.org", "p1@example.org"]
    assert (folder / f"{FILE}.sha256").exists()
    assert list(folder.glob("*.part")) == []


def test_a_key_lets_one_in_though_it_was_pasted_into_one_line(world, to_server, server, folder):
    text = StringIO()
    server.key.write_private_key(text)
    to_server(secret=text.getvalue().replace("\n", " "))
    people(world, 1, MAIL)
    world.drain()

    assert lines(folder) == ["p0@example.org"]


def test_another_host_key_is_refused_before_the_password_is_said(world, to_server, folder):
    other = paramiko.RSAKey.generate(2048)
    to_server(host_key=f"ssh-rsa {other.get_base64()}")
    people(world, 1, MAIL)
    world.drain()

    assert ("stuck", Reason.BLOCKED) in states()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("host_key", ["", "ssh-rsa", "ssh-rsa !"])
def test_without_a_host_key_nothing_is_sent(world, to_server, folder, host_key):
    to_server(host_key=host_key)
    people(world, 1, MAIL)
    world.drain()

    assert ("stuck", Reason.BLOCKED) in states()


@pytest.mark.parametrize(
    "secret", ["wrong", "-----BEGIN OPENSSH PRIVATE KEY----- x -----END OPENSSH PRIVATE KEY-----"]
)
def test_a_wrong_password_or_key_is_said(world, to_server, secret):
    to_server(secret=secret)
    people(world, 1, MAIL)
    world.drain()

    assert ("stuck", Reason.REJECTED_AUTH) in states()


def test_a_private_network_is_not_reached_unless_an_operator_named_it(server):
    headers = {"user": USER, "secret": PASSWORD, "host_key": server.host_key}
    with pytest.raises(Blocked):
        sftp.send(Call("PUT", "/a.csv", body=b"", headers=headers), Way(server.url, Csv.may_call), 1e9)


def test_a_server_that_is_away_has_taken_nothing(server):
    way = Way(server.url, Csv.may_call, frozenset({server.url.removeprefix("sftp://")}))
    server.stop()
    with pytest.raises(NoAnswer) as lost:
        sftp.send(Call("PUT", "/a.csv", body=b""), way, time.monotonic() + 5)

    assert not lost.value.sent


def test_the_sweep_has_each_system_published_by_itself(world, connect, folder, monkeypatch):
    system, asked = connect(), []
    monkeypatch.setattr(tasks, "async_task", lambda *told: asked.append(told))
    tasks.sweep()
    assert ("destinations.tasks.publish", system.pk) in asked
    assert not (folder / FILE).exists()

    assert tasks.publish(system.pk)
    assert (folder / FILE).exists()
    assert not tasks.publish(system.pk)


def test_a_server_that_hangs_is_left_alone_for_a_while_and_holds_up_no_sweep(
    world, connect, folder, monkeypatch
):
    system, now = connect(), timezone.now()

    def hangs(call, way, deadline):
        raise NoAnswer("no whole answer in time", sent=True)

    with monkeypatch.context() as hanging:
        hanging.setattr(ways, "send", hangs)
        hanging.setattr(backoff, "lane_delay", lambda failures: 30.0)
        began = time.monotonic()
        tasks.sweep()
        assert time.monotonic() - began < 5
        assert not publishing.publish(system.pk, now)
    system.refresh_from_db()
    assert (system.failures, system.failing_reason) == (1, "no_answer")
    assert publishing.due(now) == []

    assert daily(now + timedelta(minutes=2)) == 1
    system.refresh_from_db()
    assert system.failures == 0
