"""One bad row in a batch: the others are told all the same, and it alone is stuck."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from destinations.connectors import CONNECTORS
from destinations.connectors.webhook import Webhook
from destinations.contract import By, Done, Items, Kind, Later, Reason, Target
from destinations.models import Propagation
from destinations.sandbox import Five9Sandbox, running
from destinations.services import save_destination
from destinations.terms import TOLD
from tests.world import connect, out

NIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # when Five9's list is open
BAD = 3


def who_say_no(world, number, category="marketing_emails", channel="email"):
    """So many people, one of whom a system cannot bear."""
    for each in range(number):
        person = world.registers(
            mrn=f"RH{each}",
            email=f"{'poison' if each == BAD else each}@example.org",
            phone=f"+1202555{'0666' if each == BAD else f'01{each:02}'}",
        ).profile_id
        world.chooses(person, out(category, channel))


def stuck_at(slug):
    rows = Propagation.objects.filter(destination__slug=slug, state="stuck")
    return list(rows.values_list("reason", flat=True))


def told_at(slug):
    rows = Propagation.objects.filter(destination__slug=slug, state__in=TOLD)
    return rows.exclude(reason="unchanged").count()


def connected(slug, base_url, *, secrets, **settings):
    save_destination(
        connector=slug,
        slug=slug,
        name=slug,
        public_label="ours",
        purpose="other",
        state="live",
        settings={"base_url": base_url, **settings},
        secrets=secrets,
        agreement="a test",
        author="tests",
    )


@pytest.mark.parametrize("slug", ["sendgrid", "salesforce"])
def test_a_row_that_spoils_its_batch_is_stuck_alone(world, slug):
    world.faults(slug, status=400, about="poison")
    who_say_no(world, 6)
    world.drain()

    assert stuck_at(slug) == ["rejected_data"]
    assert told_at(slug) == 5


@pytest.fixture
def five9(db, settings, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NIGHT)
    with running(Five9Sandbox(clock=lambda: NIGHT)) as sandbox:
        settings.HEED_PRIVATE_HOSTS = {"five9": [urlsplit(sandbox.url).netloc]}
        world = connect({})
        connected("five9", sandbox.url, secrets={"password": "p"}, username="heed")
        world.sandboxes["five9"] = sandbox
        yield world


def test_also_where_it_is_only_looked_at(five9):
    five9.sandboxes["five9"].refuses = {"2025550666"}
    five9.faults("five9", status=400, about="2025550666")
    who_say_no(five9, 6, "*", "phone")
    five9.drain()

    assert stuck_at("five9") == ["rejected_data"]
    assert told_at("five9") == 5


class Fragile(Webhook):
    """Told with one call for all, and written by somebody who did not expect such a name."""

    slug = "fragile"
    addresses, wants_snapshot, wants_unheld = By.ADDRESS, False, False
    channels, items = frozenset({"email"}), Items.EACH
    rows = ({"target": "out", "source": "answer:marketing_emails:email"},)
    targets = (Target("out", "out", "the list", frozenset({Kind.ANSWER})),)

    def deliver(self, batch, settings):
        for each in batch:
            if "poison" in each.address:
                raise KeyError(each.address)
        for each in batch:
            yield each.is_(Done())


@pytest.fixture
def fragile(db, monkeypatch):
    monkeypatch.setitem(CONNECTORS, "fragile", Fragile())
    world = connect({})
    connected("fragile", "https://fragile.example", secrets={"secret": "s"})
    return world


def test_a_connector_that_fails_on_one_row_fails_on_no_other(fragile):
    who_say_no(fragile, 6)
    fragile.drain()

    assert stuck_at("fragile") == ["broken"]
    assert told_at("fragile") == 5


def test_where_each_row_has_an_answer_of_its_own_a_refusal_is_asked_about_once(world, monkeypatch):
    """What was refused is not refused again and again."""
    monkeypatch.setattr(type(CONNECTORS["salesforce"]), "items", Items.EACH)
    world.faults("salesforce", status=400, about="poison")
    who_say_no(world, 6)
    world.drain()

    assert stuck_at("salesforce") == ["rejected_data"] * 6


class Throttled(Fragile):
    """It cannot bear the whole batch, and asks whoever calls about a half to slow down."""

    def deliver(self, batch, settings):
        if len(batch) == 6:
            raise KeyError
        yield from (each.is_(Later(Reason.THROTTLED, 7.0)) for each in batch)


def test_whoever_is_left_when_the_system_asks_to_wait_is_not_called_about(fragile, monkeypatch):
    monkeypatch.setitem(CONNECTORS, "fragile", Throttled())
    who_say_no(fragile, 6)
    fragile.drain()

    reasons = Propagation.objects.filter(destination__slug="fragile").values_list("reason", flat=True)
    assert sorted(reasons) == ["throttled"] * 3 + ["turn_over"] * 3
