"""How long to wait before the next try: pure arithmetic, full jitter."""

import random

ROW_BASE, ROW_CAP = 1.0, 3600.0
LANE_BASE, LANE_CAP = 0.5, 60.0
MAIL_BASE, MAIL_CAP = 60.0, 3600.0
TRIAL_BASE = 900.0
TRIAL_SPREAD = 0.2  # earlier by up to this share, so that systems never march in step
DAY = 86_400.0
DAILY_AFTER = 30  # tries; with the cap that is more than a day


def full_jitter(failures: int, base: float, cap: float, chance: float) -> float:
    """Seconds: a share `chance` (0 to 1) of the doubled base, capped, so that retries never march in step."""
    return chance * min(cap, base * 2.0 ** min(failures, 30))


def row_delay(failures: int, chance: float | None = None) -> float:
    """For one row that failed by itself. It never ends: after enough tries it is tried daily."""
    if failures > DAILY_AFTER:
        return DAY
    return full_jitter(failures, ROW_BASE, ROW_CAP, random.random() if chance is None else chance)  # noqa: S311


def lane_delay(failures: int, chance: float | None = None) -> float:
    """For a whole system that does not answer: short, since one try tells when it is back."""
    return full_jitter(failures, LANE_BASE, LANE_CAP, random.random() if chance is None else chance)  # noqa: S311


def trial_delay(failures: int, chance: float | None = None) -> float:
    """For the one row that tries whether a refused sign-in or setting is right again: up to daily."""
    spread = TRIAL_SPREAD * (random.random() if chance is None else chance)  # noqa: S311
    return full_jitter(failures, TRIAL_BASE, DAY, 1.0 - spread)


def mail_delay(tries: int) -> float:
    """For a mail to staff that could not be sent: nobody else mails, so there is no march to break up."""
    return full_jitter(tries - 1, MAIL_BASE, MAIL_CAP, chance=1.0)
