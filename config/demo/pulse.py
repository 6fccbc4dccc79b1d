"""How long ago the background work of a demo last showed that it runs, read from outside Django."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

TABLE = "destinations_heartbeat"  # destinations.models.Heartbeat; a test holds the two together
WAKE_UPS = "destinations_wakeup"  # destinations.models.WakeUp, likewise
SILENT_AFTER = 180.0
DEAF_AFTER = 15.0  # a run beats every few seconds (destinations.drain)
STARTED_AFTER = 30.0
NEVER = float("inf")


def silence(database: Path) -> float:
    """Seconds since the newest heartbeat; for ever, where there is none."""
    return _age(database, f"SELECT max(at) FROM {TABLE}")  # noqa: S608 - our constant


def unanswered(database: Path) -> float:
    """Seconds since a run was asked for that nobody has begun; for ever, where nobody waits for one."""
    return _age(database, f"SELECT max(at) FROM {WAKE_UPS} WHERE pending")  # noqa: S608 - our constant


def _age(database: Path, query: str) -> float:
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=1)
        ) as connection:
            (newest,) = connection.execute(query).fetchone()
    except sqlite3.Error:
        return NEVER
    if newest is None:
        return NEVER
    at = datetime.fromisoformat(newest).replace(tzinfo=UTC)  # Django stores UTC without saying so
    return (datetime.now(UTC) - at).total_seconds()


def unwell(database: Path, uptime: float) -> str:
    """For the supervisor: what is wrong with a worker that has run for so long.

    A worker killed while it waits for a task takes the lock of django-q's queue along: whoever is started in
    its place waits for ever, and only a whole new cluster helps.
    """
    silent = silence(database)
    asked = unanswered(database)
    if uptime >= STARTED_AFTER and asked != NEVER and min(silent, asked) >= DEAF_AFTER:
        return f"has not answered for {min(silent, asked):.0f} s"
    if uptime < SILENT_AFTER or silent < SILENT_AFTER:
        return ""
    return "has never shown that it works" if silent == NEVER else f"has been silent for {silent:.0f} s"
