"""How long ago the background work of a demo last showed that it runs, read from outside Django."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

TABLE = "destinations_heartbeat"  # destinations.models.Heartbeat; a test holds the two together
SILENT_AFTER = 180.0
NEVER = float("inf")


def silence(database: Path) -> float:
    """Seconds since the newest heartbeat; for ever, where there is none."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=1)
        ) as connection:
            (newest,) = connection.execute(f"SELECT max(at) FROM {TABLE}").fetchone()  # noqa: S608 - our constant
    except sqlite3.Error:
        return NEVER
    if newest is None:
        return NEVER
    beat = datetime.fromisoformat(newest).replace(tzinfo=UTC)  # Django stores UTC without saying so
    return (datetime.now(UTC) - beat).total_seconds()


def unwell(database: Path, uptime: float) -> str:
    """For the supervisor: what is wrong with a worker that has run for so long."""
    if uptime < SILENT_AFTER or (silent := silence(database)) < SILENT_AFTER:
        return ""
    return "has never shown that it works" if silent == NEVER else f"has been silent for {silent:.0f} s"
