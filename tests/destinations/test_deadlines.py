"""By when an opt-out must be heeded: days, zones, holidays (R18)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations import deadlines
from destinations.terms import Unit

NEW_YORK, HONOLULU, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu"), ZoneInfo("Asia/Tokyo")
HOME = (NEW_YORK,)


def received(day: str, hour: str = "12:00", zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=zone)


def due_day(day: str, amount: int, unit: str = Unit.BUSINESS_DAYS) -> str:
    """The last day that is in time, in New York."""
    return deadlines.due(received(day), amount, unit, HOME).astimezone(NEW_YORK).date().isoformat()


@pytest.mark.parametrize(
    ("day", "amount", "last"),
    [
        ("2026-11-23", 10, "2026-12-08"),  # Thanksgiving 2026
        ("2026-11-25", 1, "2026-11-27"),
        ("2026-12-18", 10, "2027-01-05"),  # Christmas and New Year's, both on a Friday
        ("2026-12-18", 15, "2027-01-12"),
        ("2026-06-12", 10, "2026-06-29"),  # Juneteenth
        ("2026-07-01", 2, "2026-07-06"),  # Independence Day on a Saturday: observed on the Friday
        ("2027-07-02", 1, "2027-07-06"),  # on a Sunday: observed on the Monday
        ("2027-12-30", 1, "2028-01-03"),  # New Year's Day on a Saturday: observed in the year before
        ("2026-11-28", 1, "2026-11-30"),  # asked on a Saturday
        ("2026-11-26", 1, "2026-11-27"),  # asked on a holiday
        ("2024-12-23", 2, "2024-12-26"),  # a day off by executive order is no holiday of 5 USC 6103
    ],
)
def test_business_days_skip_weekends_and_federal_holidays(day, amount, last):
    assert due_day(day, amount) == last


@pytest.mark.parametrize(
    ("day", "amount", "last"),
    [
        ("2028-02-28", 1, "2028-02-29"),
        ("2028-02-28", 2, "2028-03-01"),
        ("2027-01-31", 30, "2027-03-02"),
        ("2026-12-20", 15, "2027-01-04"),
    ],
)
def test_calendar_days_skip_nothing(day, amount, last):
    assert due_day(day, amount, Unit.DAYS) == last


def test_the_last_day_counts_to_its_end():
    due = deadlines.due(received("2026-11-23"), 10, Unit.BUSINESS_DAYS, HOME)

    assert due == received("2026-12-08", "23:59:59.999999")


@pytest.mark.parametrize(("last", "utc_hour"), [("2026-03-07", 4), ("2026-03-08", 3)])
def test_the_end_of_a_day_moves_with_summer_time(last, utc_hour):
    due = deadlines.due(received("2026-03-06"), date.fromisoformat(last).day - 6, Unit.DAYS, HOME)

    assert due.astimezone(UTC).hour == utc_hour


@pytest.mark.parametrize("day", ["2026-03-07", "2026-10-31", "2026-11-26"])
def test_hours_and_minutes_run_through_summer_time_and_holidays(day):
    asked = received(day)

    assert deadlines.due(asked, 48, Unit.HOURS, HOME) - asked.astimezone(UTC) == timedelta(hours=48)
    assert deadlines.due(asked, 5, Unit.MINUTES, HOME) - asked.astimezone(UTC) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("utc", "zone", "zero"),
    [
        ("2026-12-01T07:00", HONOLULU, "2026-11-30"),  # where the person is it is still the day before
        ("2026-12-01T03:00", TOKYO, "2026-11-30"),  # here it is
    ],
)
def test_the_earlier_day_is_day_zero(utc, zone, zero):
    asked = datetime.fromisoformat(utc).replace(tzinfo=UTC)

    assert deadlines.day_zero(asked, (NEW_YORK, zone)).isoformat() == zero


def test_a_person_elsewhere_never_makes_it_later():
    asked = received("2026-12-01", "02:00")
    both = deadlines.due(asked, 10, Unit.BUSINESS_DAYS, (NEW_YORK, HONOLULU))

    assert both.astimezone(NEW_YORK).date().isoformat() == "2026-12-14"
    assert deadlines.due(asked, 10, Unit.BUSINESS_DAYS, HOME).astimezone(NEW_YORK).day == 15


def test_near_is_the_last_share_of_the_time():
    asked = received("2026-11-23")

    assert deadlines.near(asked, asked + timedelta(minutes=5), 0.2) == asked + timedelta(minutes=4)
    assert deadlines.near(asked, asked - timedelta(days=1), 0.2) == asked - timedelta(days=1)


HAVANA = ZoneInfo("America/Havana")  # its clocks change at midnight
moments = st.datetimes(datetime(2003, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.lists(st.sampled_from([NEW_YORK, HONOLULU, TOKYO, HAVANA]), min_size=1).map(tuple)
rules = st.tuples(st.integers(1, 60), st.sampled_from(Unit.values))


@given(moments, st.timedeltas(timedelta(0), timedelta(days=400)), zones, rules)
def test_what_is_received_later_is_never_due_earlier(first, wait, where, rule):
    amount, unit = rule
    assert deadlines.due(first, amount, unit, where) <= deadlines.due(first + wait, amount, unit, where)


@given(moments, zones, rules, st.sets(st.integers(1, 40)))
def test_more_holidays_never_make_it_earlier(asked, where, rule, more):
    off = frozenset(asked.date() + timedelta(days=each) for each in more)

    def longer(day: date) -> bool:
        return day in off or deadlines.is_federal_holiday(day)

    amount, unit = rule
    assert deadlines.due(asked, amount, unit, where) <= deadlines.due(asked, amount, unit, where, longer)


@given(moments, zones, rules)
def test_one_zone_more_never_makes_it_later(asked, where, rule):
    amount, unit = rule
    assert deadlines.due(asked, amount, unit, where) <= deadlines.due(asked, amount, unit, where[:1])
