"""Dates and times are written as their reader writes them."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from portal.wording import day
from preferences.clock import micros

AFTERNOON = datetime(2026, 11, 6, 20, 4, tzinfo=UTC)  # four past three in New York
WRITTEN = {
    "en": ("Nov. 6, 2026", "Nov. 6, 2026, 3:04 p.m."),
    "es": ("6 de noviembre de 2026", "6 de noviembre de 2026, 3:04 p.m."),
    "zh-hans": ("2026年11月6日", "2026年11月6日 15:04"),
    "vi": ("ngày 6 tháng 11 năm 2026", "15:04, ngày 6 tháng 11 năm 2026"),
    "tl": ("Nobyembre 6, 2026", "Nobyembre 6, 2026, 3:04 p.m."),
    "ko": ("2026년 11월 6일", "2026년 11월 6일 오후 3:04"),
    "ar": ("6 نوفمبر 2026", "6 نوفمبر 2026، 3:04 م"),
}


@pytest.mark.parametrize("language", WRITTEN)
def test_a_day_and_a_time_are_written_as_in_the_language(language):
    with override(language):
        written = day(micros(AFTERNOON)), date_format(timezone.localtime(AFTERNOON), "DATETIME_FORMAT")

    assert written == WRITTEN[language]


@pytest.mark.parametrize("language", WRITTEN)
def test_by_when_all_must_know_has_the_day_in_it(language):
    with override(language):
        said = gettext("All of them must know by %(date)s.") % {"date": day(micros(AFTERNOON))}

    assert WRITTEN[language][0] in said
