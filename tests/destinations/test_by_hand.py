"""Systems without an API: who is asked, what they are mailed, and what their word settles."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from destinations import mailto, reminding, ways
from destinations.contract import Call, Reason
from destinations.http import Blocked, NoAnswer, Way
from destinations.models import Clock, Destination, ManualTask, Propagation
from destinations.probing import probe
from destinations.services import confirm_done, save_destination
from tests.destinations.connectors.test_published import published
from tests.world import into, out

WORDS = "Tick “no mail” there."
KINDS = {
    "manual": {"asked_of": "front desk", "words": WORDS},
    "owner_email": {"base_url": "mailto:owner@old.example", "system": "Old CRM", "words": WORDS},
}


def connect(connector, **settings):
    return save_destination(
        connector=connector,
        slug="old-crm",
        name="Old CRM",
        public_label="Our old records",
        purpose="other",
        state="live",
        settings={**KINDS[connector], **settings},
        secrets={},
        agreement="BAA 2025",
        author="ana",
    )


@pytest.fixture
def maria(world):
    return world.registers(mrn="RH1", email="maria@example.org").profile_id


@pytest.fixture
def joan(world):
    return world.registers(mrn="RH2", email="joan@example.org").profile_id


@pytest.fixture
def on_hour(monkeypatch):
    """Hours pass."""
    real = timezone.now
    return lambda hour: monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=hour))


def row_of(person):
    return Propagation.objects.get(destination__slug="old-crm", identifier=person)


def opens():
    return ManualTask.objects.filter(done_at__isnull=True)


@pytest.mark.parametrize("connector", KINDS)
def test_a_no_asks_somebody_at_once_and_their_word_settles_it(world, maria, connector):
    connect(connector)
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    row, task = row_of(maria), opens().get()
    assert (row.state, row.reason, row.detail) == ("stuck", Reason.IN_HANDS, "marketing_emails.email")
    assert (task.asked_of, task.words) == (
        {"manual": "front desk"}.get(connector, "owner@old.example"),
        WORDS,
    )
    assert row.deadline_at is not None
    assert Clock.objects.filter(propagation=row, met_at__isnull=True).exists()

    confirm_done(task_id=task.pk, by="ruth")
    row = row_of(maria)
    assert (row.state, row.acknowledged, row.deadline_at) == ("acknowledged", row.wanted, None)


def test_who_was_never_asked_is_nobodys_work(world, maria):
    connect("manual")
    world.chooses(maria, into("marketing_emails", "email"))
    world.drain()

    assert not opens().exists()
    assert row_of(maria).state == "acknowledged"


def test_nobody_is_asked_twice_for_the_same(world, maria):
    connect("manual")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    world.later()
    world.drain()
    task = opens().get()
    confirm_done(task_id=task.pk, by="ruth")
    world.later()
    world.saves("old-crm", name="Older CRM")
    world.drain()

    assert not opens().exists()


def test_what_has_changed_since_is_asked_for_at_once(world, maria):
    connect("manual")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    world.chooses(maria, out("patient_surveys", "email"))
    world.drain()
    confirm_done(task_id=opens().get().pk, by="ruth")
    world.drain()

    assert opens().get().counter == row_of(maria).wanted
    assert row_of(maria).detail == "marketing_emails.email, patient_surveys.email"


def test_a_no_that_is_over_is_taken_back_by_hand_once(world, maria):
    connect("manual")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    confirm_done(task_id=opens().get().pk, by="ruth")
    world.chooses(maria, into("marketing_emails", "email"))
    world.drain()

    confirm_done(task_id=opens().get().pk, by="ruth")
    world.chooses(maria, into("patient_surveys", "email"))
    world.drain()
    assert not opens().exists()
    assert row_of(maria).targets == "{}"


def test_the_owner_is_mailed_how_many_wait_and_nothing_about_anybody(world, maria, joan, settings):
    settings.PUBLIC_URL = "https://heed.example"
    connect("owner_email")
    for person in (maria, joan):
        world.chooses(person, out("marketing_emails", "email"))
    world.drain()
    assert reminding.remind(timezone.now()) == 1

    [sent] = mail.outbox
    [shown] = published("owner_email")
    assert sent.to == ["owner@old.example"]
    assert {"subject": sent.subject, "text": sent.body} == shown["json"]
    for word in ("maria", "joan", "marketing", str(maria)):
        assert word not in f"{sent.subject} {sent.body}"


def test_at_most_one_mail_leaves_in_an_hour_and_one_a_day_while_something_waits(world, maria, joan, on_hour):
    connect("owner_email")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()
    assert [reminding.remind(timezone.now()) for _ in range(2)] == [1, 0]
    world.chooses(joan, out("marketing_emails", "email"))
    world.drain()

    for hour, mails in ((0.9, 0), (1.1, 1), (3, 0), (24, 0), (25.2, 1)):
        on_hour(hour)
        assert reminding.remind(timezone.now()) == mails, hour
    for task in opens():
        confirm_done(task_id=task.pk, by="ruth")
    on_hour(60)
    assert reminding.remind(timezone.now()) == 0
    assert mail.outbox[-1].subject == "Old CRM: 2 people wait"


def test_a_mail_that_could_not_be_sent_is_tried_again(world, maria, on_hour, monkeypatch):
    connect("owner_email")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    def fails(*told, **more):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(mailto, "send_mail", fails)
        assert [reminding.remind(timezone.now()) for _ in range(2)] == [0, 0]
    on_hour(1.1)
    assert reminding.remind(timezone.now()) == 1


def test_a_colleague_is_not_mailed(world, maria):
    connect("manual")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert reminding.remind(timezone.now()) == 0


def test_a_rehearsal_asks_nobody(world, maria):
    connect("manual")
    Destination.objects.filter(slug="old-crm").update(state="shadow")
    world.chooses(maria, out("marketing_emails", "email"))
    world.drain()

    assert not opens().exists()


@pytest.mark.parametrize("connector", KINDS)
def test_a_test_of_the_connection_says_what_it_is(world, connector):
    [found] = probe(connect(connector))

    assert found.ok is (True if connector == "owner_email" else None)
    assert [sent.subject for sent in mail.outbox] == ["Old CRM: a test"] * (connector == "owner_email")


@pytest.mark.parametrize(("base", "method"), [("mailto:nobody", "MAIL"), ("mailto:a@b.example", "POST")])
def test_only_a_mail_to_one_mailbox_leaves(base, method):
    with pytest.raises(Blocked):
        ways.send(Call(method, "", json={"subject": "s", "text": "t"}), Way(base, ("MAIL ",)), 0)


def test_a_header_cannot_be_smuggled_in(settings):
    call = Call("MAIL", "", json={"subject": "s\nBcc: eve@example.org", "text": "t"})
    with pytest.raises(NoAnswer):
        ways.send(call, Way("mailto:a@b.example", ("MAIL ",)), 0)
