"""A sign-in or a setting that a system refuses for a while: one row tries for all, and no one waits a day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations import alarms, backoff, leases, trials
from destinations.models import Alarm, Attempt, Destination, Propagation
from preferences import clock
from tests.world import into, out

MORNING = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
PEOPLE = 5


class Hours:
    """The moment it is: a tenth of a second goes by whenever somebody looks."""

    def __init__(self, moment):
        self.moment = moment

    def __call__(self):
        self.moment += timedelta(seconds=0.1)
        return self.moment


@pytest.fixture
def now(monkeypatch):
    hours = Hours(MORNING)
    monkeypatch.setattr(timezone, "now", hours)
    return hours


@pytest.fixture
def mail(now, world):
    """Only the system that is told of emails is at work."""
    Destination.objects.exclude(slug="sendgrid").update(state="paused")
    return world


def email(number):
    return f"p{number}@example.org"


def people(world, count=PEOPLE):
    return [world.registers(mrn=f"RH{number}", email=email(number)).profile_id for number in range(count)]


def passes(now, world, minutes, *, step=1):
    for _ in range(0, minutes, step):
        now.moment += timedelta(minutes=step)
        with clock.at(now.moment):
            world.drain()
        alarms.watch(now.moment)


def attempts():
    return Attempt.objects.filter(propagation__destination__slug="sendgrid", calls__gt=0)


def stuck(reason):
    return Propagation.objects.filter(destination__slug="sendgrid", state="stuck", reason=reason)


def told(world, count=PEOPLE):
    return [world.suppressed(email(number)) for number in range(count)] == [{"marketing_emails"}] * count


def say_no(world, persons):
    for person in persons:
        world.chooses(person, out("marketing_emails", "email"))


# A 404 of its list is what a renamed group looks like.
@pytest.mark.parametrize(("status", "reason"), [(401, "rejected_auth"), (404, "rejected_config")])
def test_what_was_refused_for_an_hour_is_told_to_all_by_the_next_trial(now, mail, status, reason):
    say_no(mail, people(mail))
    mail.faults("sendgrid", status=status)
    passes(now, mail, 60, step=2)
    assert stuck(reason).count() == PEOPLE

    mail.heal()
    passes(now, mail, 60, step=2)
    assert told(mail)


@pytest.mark.parametrize(("status", "reason"), [(401, "rejected_auth"), (404, "rejected_config")])
def test_a_system_that_refuses_for_ever_is_tried_by_one_row_ever_more_seldom(now, mail, status, reason):
    say_no(mail, people(mail))
    mail.faults("sendgrid", status=status)
    passes(now, mail, 14, step=2)
    once = attempts().count()
    passes(now, mail, 22 * 60, step=10)

    # After 15 and 30 minutes, 1, 2, 4 and 8 hours: six trials, and a seventh that may have begun.
    assert once <= PEOPLE + 1
    assert 5 <= attempts().count() - once <= 7
    assert stuck(reason).count() == PEOPLE


def test_no_two_rows_try_at_a_time(now, mail):
    say_no(mail, people(mail))
    mail.faults("sendgrid", status=401)
    passes(now, mail, 60, step=2)

    soon = stuck("rejected_auth").filter(due_at__lt=MORNING + timedelta(hours=23))
    assert [each.pk for each in soon] == [Destination.objects.get(slug="sendgrid").trial]


def test_one_row_that_is_refused_alone_keeps_nobody_else_waiting(now, mail, monkeypatch):
    first, *others = people(mail)
    mail.faults("sendgrid", status=404)
    mail.chooses(first, out("marketing_emails", "email"))
    passes(now, mail, 2)
    say_no(mail, others)
    passes(now, mail, 16)  # the first has tried, and somebody else's turn is next
    alone = Propagation.objects.get(pk=stuck("rejected_config").order_by("-failures").first().pk)
    assert Destination.objects.get(slug="sendgrid").trial != alone.pk

    mail.heal()
    passes(now, mail, 40)
    assert told(mail)


def test_a_yes_is_never_what_tries_and_is_not_set_free(now, mail):
    yes, no = people(mail, 2)
    say_no(mail, [yes, no])
    passes(now, mail, 2)
    mail.faults("sendgrid", status=404)
    mail.chooses(yes, into("marketing_emails", "email"))
    passes(now, mail, 24 * 60, step=30)
    assert Destination.objects.get(slug="sendgrid").trial is None
    assert stuck("rejected_config").filter(due_at=None).count() == 1

    mail.chooses(no, out("patient_surveys", "email"))
    passes(now, mail, 5)
    mail.heal()
    passes(now, mail, 24 * 60, step=30)
    assert mail.suppressed(email(1)) == {"marketing_emails", "patient_surveys"}
    assert mail.suppressed(email(0)) == {"marketing_emails"}


def test_whoever_is_killed_while_the_others_are_set_free_loses_nothing(now, mail, monkeypatch):
    say_no(mail, people(mail))
    mail.faults("sendgrid", status=404)
    passes(now, mail, 5)
    mail.heal()
    with monkeypatch.context() as killing:
        killing.setattr(trials, "_free", killed)
        with pytest.raises(KeyboardInterrupt):
            passes(now, mail, 20)
    assert Propagation.objects.filter(destination__slug="sendgrid", denied_at=None).count() == 0

    now.moment += leases.LEASE
    passes(now, mail, 20)
    assert told(mail)


def killed(*args, **kwargs):
    raise KeyboardInterrupt


def test_an_episode_is_one_alarm_however_often_it_is_tried(now, mail, settings):
    settings.HEED_ALARM_EMAILS = ["privacy@example.org"]
    Destination.objects.update(created_at=MORNING - timedelta(days=1))
    say_no(mail, people(mail, 3))
    mail.faults("sendgrid", status=401)
    passes(now, mail, 20 * 24 * 60, step=720)

    assert Alarm.objects.filter(kind="missed", destination__slug="sendgrid").count() == 1


def test_a_night_of_refused_sign_ins_is_one_alarm_and_one_mail(now, mail, settings, mailoutbox):
    settings.HEED_ALARM_EMAILS = ["privacy@example.org"]
    say_no(mail, people(mail))
    mail.faults("sendgrid", status=401)
    passes(now, mail, 10)
    assert not Alarm.objects.exists()

    passes(now, mail, 9 * 60, step=10)
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.count, alarm.closed_at) == ("shut", PEOPLE, None)
    [letter] = mailoutbox
    assert f"{PEOPLE} opt-outs can't be told: the system refuses our sign-in" in letter.subject

    mail.heal()
    passes(now, mail, 24 * 60, step=60)
    assert told(mail)
    assert Alarm.objects.get().closed_at
    assert len(mailoutbox) == 1


def test_a_trial_comes_after_a_quarter_of_an_hour_and_then_ever_later_up_to_daily():
    assert [backoff.trial_delay(n, chance=0.0) for n in (0, 1, 2)] == [900, 1800, 3600]
    assert backoff.trial_delay(0, chance=1.0) == 720
    assert backoff.trial_delay(50, chance=0.0) == 86_400
