"""How fast an account may be called, as arithmetic and as the engine keeps to it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from destinations import delivery, marking, pacing, rates, sending
from destinations.contract import Rate
from destinations.models import Account, Attempt, Destination, Propagation
from destinations.rates import Bucket, filled, holds, parsed, per_second, seconds_until_one
from destinations.services import save_destination
from preferences.errors import Malformed
from tests.world import World, out

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RATES = st.builds(Rate, st.integers(1, 10**6), st.sampled_from([1, 60, 3_600, 86_400]))


@pytest.mark.parametrize(
    ("text", "rate", "words"),
    [
        ("5/second", Rate(5, 1), "5 calls a second"),
        (" 600 / minutes ", Rate(600, 60), "600 calls a minute"),
        ("100000/day", Rate(100_000, 86_400), "100,000 calls a day"),
    ],
)
def test_a_rate_is_read_and_said(text, rate, words):
    assert parsed(text) == rate
    assert rates.in_words(rate) == words


@pytest.mark.parametrize("text", ["", "fast", "0/second", "5/fortnight", "-1/second", "5 per second"])
def test_what_is_no_rate_says_how_one_is_written(text):
    with pytest.raises(ValueError, match="600/minute"):
        parsed(text)


@given(RATES, st.floats(-1e4, 1e6), st.floats(0, 1e6))
def test_a_bucket_never_holds_more_than_it_can(rate, tokens, seconds):
    later = filled(Bucket(tokens, NOW), rate, NOW + timedelta(seconds=seconds))

    assert later.tokens <= holds(rate)
    assert holds(rate) <= max(1, rate.calls)


@given(RATES, st.floats(-1e3, 1e3))
def test_after_the_wait_there_is_a_call_to_be_had(rate, tokens):
    bucket = Bucket(min(tokens, holds(rate)), NOW)
    wait = seconds_until_one(bucket, rate)
    later = filled(bucket, rate, NOW + timedelta(seconds=wait))

    assert later.tokens >= 1 - 1e-3 * per_second(rate) - 1e-6
    assert (wait == 0) == (bucket.tokens >= 1)


@given(RATES, st.lists(st.floats(0, 100), min_size=1, max_size=20))
def test_in_the_long_run_nobody_calls_faster_than_the_rate(rate, pauses):
    bucket, at, calls = Bucket(holds(rate), NOW), NOW, 0
    for pause in pauses:
        at += timedelta(seconds=pause)
        bucket = filled(bucket, rate, at)
        if not seconds_until_one(bucket, rate):
            bucket, calls = Bucket(bucket.tokens - 1, at), calls + 1

    assert calls <= holds(rate) + per_second(rate) * (at - NOW).total_seconds() + 1e-6


def test_a_clock_that_runs_backwards_adds_nothing():
    assert filled(Bucket(0.0, NOW), Rate(5, 1), NOW - timedelta(hours=1)) == Bucket(0.0, NOW)


@given(RATES)
def test_a_full_bucket_has_a_call_for_anybody(rate):
    assert 0 <= rates.kept(rate) <= holds(rate) - 1


# --- the engine ---


def saved(world: World, slug: str = "webhook", rate: str = "5/second") -> Destination:
    system = Destination.objects.get(slug=slug)
    return save_destination(
        destination=system,
        connector=system.connector,
        slug=slug,
        name=slug,
        public_label=slug,
        purpose="other",
        state="live",
        settings=system.settings,
        secrets={},
        agreement="a test",
        rate=rate,
        author="tests",
    )


def crowd(world: World, count: int) -> None:
    for number in range(count):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        assert person
        world.chooses(person, out("marketing_emails", "email"))


def heard(world: World) -> int:
    return len(world.sandboxes["webhook"].requests)


def test_no_more_is_called_than_the_rate_allows_and_the_rest_waits(world):
    saved(world, rate="2/minute")
    crowd(world, 8)
    for _ in range(3):
        world.drain()

    assert heard(world) == 1
    lane = Destination.objects.get(slug="webhook")
    assert lane.failures == 0
    assert lane.not_before is not None
    assert 25 < (lane.not_before - Attempt.objects.latest("id").started_at).total_seconds() < 65


def test_whoever_settles_locks_the_lane_before_the_account_as_whoever_takes_does(world):
    """The other way round each waits for what the other holds."""
    saved(world)
    crowd(world, 1)
    while marking.mark(timezone.now()):
        pass
    Destination.objects.filter(slug="webhook").update(failures=2)
    turn = delivery.take(Destination.objects.get(slug="webhook").pk, 1)
    assert turn
    report = sending.send(turn)
    report.calls += 1  # one more than was reckoned
    with CaptureQueriesContext(connection) as asked:
        delivery.settle(report)
    tables = ("destinations_destination", "destinations_account")
    order = [table for each in asked for table in tables if f'UPDATE "{table}"' in each["sql"]]

    assert order == list(tables)


def test_a_drain_waits_for_the_next_call_without_being_busy(world, monkeypatch):
    looks: list[int] = []
    bucket = pacing._bucket

    def looked(account_id: int, now: datetime) -> tuple[Bucket, Rate]:
        looks.append(account_id)
        return bucket(account_id, now)

    monkeypatch.setattr(pacing, "_bucket", looked)
    saved(world, rate="4/second")
    Account.objects.update(tokens=1.0)
    crowd(world, 6)
    world.drain()

    assert heard(world) == 6
    assert not Propagation.objects.filter(destination__slug="webhook", due_at__isnull=False).exists()
    assert len(looks) < 60


def test_systems_with_one_account_share_its_calls_and_keep_to_the_lower_rate(world):
    first = saved(world, rate="10/second")
    second = save_destination(
        connector="webhook",
        slug="second",
        name="second",
        public_label="second",
        purpose="other",
        state="paused",
        settings=first.settings,
        secrets={"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        rate="5/second",
        author="tests",
    )
    account = second.account
    assert account is not None
    account.refresh_from_db()

    assert first.account_id == account.pk
    assert (account.calls, account.seconds) == (5, 1)


def test_other_credentials_are_another_account(world):
    first = saved(world, "sendgrid", "5/second")
    second = save_destination(
        connector="sendgrid",
        slug="second",
        name="second",
        public_label="second",
        purpose="other",
        state="paused",
        settings=first.settings,
        secrets={"api_key": "SG.other"},
        rate="5/second",
        author="tests",
    )
    assert first.account_id != second.account_id


def test_a_kind_of_system_brings_its_own_rate(world):
    assert (account := Destination.objects.get(slug="salesforce").account)
    assert (account.calls, account.seconds) == (100_000, 86_400)
    assert Destination.objects.get(slug="webhook").account is None


def test_a_vendors_own_word_beats_the_rate(world):
    saved(world, rate="1000/second")
    world.faults("webhook", status=429, retry_after=3_600, times=1)
    crowd(world, 1)
    world.drain()

    lane = Destination.objects.get(slug="webhook")
    assert lane.not_before is not None
    assert lane.failing_since is not None
    assert (lane.not_before - lane.failing_since).total_seconds() > 3_500


def test_a_rate_that_can_t_be_read_is_refused(world):
    with pytest.raises(Malformed, match="600/minute"):
        saved(world, rate="a lot")
