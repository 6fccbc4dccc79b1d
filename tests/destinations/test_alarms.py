"""Deadlines that are near or missed: one alarm an episode, one mail (R18)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from destinations import alarms, tasks
from destinations.models import Alarm, Clock, Destination
from destinations.services import set_state
from destinations.terms import DestinationState, Mail
from preferences import clock, services
from preferences.services import Said
from preferences.terms import Actor
from tests.world import out

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
OVER = NOW + timedelta(days=30)  # ten business days are over
NEAR = NOW + timedelta(days=14)  # they end in the night of December 8


@pytest.fixture(autouse=True)
def staff_have_mail(settings):
    settings.HEED_ALARM_EMAILS = ["privacy@example.org"]


@pytest.fixture
def mailing(world):
    """A system that is paused, so that opt-outs wait there."""
    system = Destination.objects.get(slug="sendgrid")
    set_state(destination=system, state=DestinationState.PAUSED)
    Destination.objects.update(created_at=NOW - timedelta(days=1))
    return system


def says_no(world, number=1, occurred=NOW):
    person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
    said = Said(world.sources["preference_page"], Actor.PERSON, occurred)
    with clock.at(NOW):
        services.record(profile_id=person, choices=[out("marketing_emails", "email")], said=said)
    world.drain()
    return person


def sweep(moment):
    with clock.at(moment):
        alarms.watch(moment)


def standing():
    return [(each.kind, each.count, each.closed_at is None) for each in Alarm.objects.order_by("opened_at")]


def test_in_good_time_there_is_no_alarm(world, mailing):
    says_no(world)
    sweep(NOW + timedelta(days=1))

    assert standing() == []
    assert not mail.outbox


def test_a_near_deadline_is_an_alarm_and_a_missed_one_another(world, mailing):
    says_no(world)
    sweep(NEAR)
    assert standing() == [("near", 1, True)]

    sweep(OVER)
    assert standing() == [("near", 1, False), ("missed", 1, True)]


def test_an_episode_is_one_alarm_and_one_mail_however_long_it_lasts(world, mailing):
    says_no(world, 1)
    for minute in range(3):
        sweep(OVER + timedelta(minutes=minute))
    says_no(world, 2)
    sweep(OVER + timedelta(minutes=4))

    assert standing() == [("missed", 2, True)]
    assert len(mail.outbox) == 1


def test_it_ends_when_all_were_told_and_the_next_is_a_new_episode(world, mailing):
    says_no(world, 1)
    sweep(OVER)
    set_state(destination=mailing, state=DestinationState.LIVE)
    world.quiet()
    sweep(OVER + timedelta(minutes=1))
    assert standing() == [("missed", 1, False)]

    set_state(destination=mailing, state=DestinationState.PAUSED)
    says_no(world, 2)
    sweep(OVER + timedelta(minutes=2))
    assert standing() == [("missed", 1, False), ("missed", 1, True)]
    assert len(mail.outbox) == 2


def test_an_old_import_raises_no_alarm(world, mailing):
    says_no(world, occurred=datetime(2024, 5, 1, tzinfo=UTC))
    sweep(OVER)

    assert Clock.objects.filter(late_from_start=True).exists()
    assert standing() == []


def test_the_mail_says_where_and_how_many_and_names_nobody(world, mailing):
    person = says_no(world)
    sweep(OVER)

    [sent] = mail.outbox
    assert sent.to == ["privacy@example.org"]
    assert sent.subject == "Heed: sendgrid: 1 opt-out missed its deadline."
    assert "The first was due Dec 8, 2026, 11:59 PM." in sent.body
    for unsaid in ("example.org", "RH1", str(person)):
        assert unsaid not in sent.body


@pytest.fixture
def no_mail_server(settings):
    """Nobody takes mail; returns what brings the server back."""
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    def back() -> None:
        settings.EMAIL_BACKEND = works

    return back


def tries(caplog):
    return len([each for each in caplog.records if "was not sent" in each.message])


def test_a_mail_that_fails_is_seen_and_tried_again_after_longer_each_time(
    world, mailing, no_mail_server, caplog
):
    says_no(world)
    tried = []
    for minute in range(8):
        sweep(OVER + timedelta(minutes=minute))
        tried.append(tries(caplog))

    alarm = Alarm.objects.get()
    assert (alarm.mail, alarm.mail_detail) == (Mail.FAILED, "ConnectionRefusedError")
    assert tried == [1, 2, 2, 3, 3, 3, 3, 4]


def test_it_is_tried_until_it_is_sent_and_then_no_more(world, mailing, no_mail_server):
    says_no(world)
    sweep(OVER)
    no_mail_server()
    for hour in range(1, 4):
        sweep(OVER + timedelta(hours=hour))

    assert Alarm.objects.get().mail == Mail.SENT
    assert len(mail.outbox) == 1


def test_nobody_is_mailed_about_an_alarm_that_is_over(world, mailing, no_mail_server):
    says_no(world)
    sweep(OVER)
    set_state(destination=mailing, state=DestinationState.LIVE)
    world.quiet()
    no_mail_server()
    sweep(OVER + timedelta(hours=2))

    assert standing() == [("missed", 1, False)]
    assert not mail.outbox


def test_a_mail_that_a_killed_worker_had_begun_is_sent_again_after_a_while(world, mailing, monkeypatch):
    says_no(world)
    monkeypatch.setattr("destinations.alarms.send_mail", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep(OVER)
    monkeypatch.undo()
    sweep(OVER + timedelta(minutes=1))

    assert Alarm.objects.get().mail == Mail.SENDING
    assert not mail.outbox

    sweep(OVER + timedelta(minutes=30))
    assert Alarm.objects.get().mail == Mail.SENT
    assert len(mail.outbox) == 1
    sweep(OVER + timedelta(hours=30))
    assert len(mail.outbox) == 1


def killed(*args, **kwargs):
    raise KeyboardInterrupt


def test_with_nobody_to_mail_the_alarm_stands_all_the_same(world, mailing, settings):
    settings.HEED_ALARM_EMAILS = []
    says_no(world)
    sweep(OVER)

    assert Alarm.objects.get().mail == Mail.NONE


def test_the_sweep_watches(world, mailing):
    says_no(world)
    with clock.at(OVER):
        tasks.sweep()

    assert standing() == [("missed", 1, True)]


def test_watching_costs_the_same_for_one_as_for_many(world, mailing, django_assert_max_num_queries):
    for number in range(5):
        says_no(world, number)
    sweep(OVER)
    with django_assert_max_num_queries(8):
        sweep(OVER + timedelta(minutes=1))
