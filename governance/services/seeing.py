"""What came and was not allowed: counted by name, so that staff can allow it. No value is ever kept.

Counts are gathered in the process and written at most once a second, a name that is new at once: a process
that is killed loses what it counted in its last second, and no name.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from governance.allowed import is_name, is_path
from governance.models import SeenNotAllowed
from preferences.sql import insert_many

Key = tuple[str, str]  # an event, and the path of a property of it or ""
OTHERS: Key = ("", "")
MOST, SECONDS, LOOK_AGAIN = 500, 1.0, 60.0


@dataclass(slots=True)
class Tally:
    """What one process has counted of a name, and not yet written."""

    first: datetime
    last: datetime
    count: int = 0


@dataclass(slots=True)
class Gathered:
    """What this process knows. `names`: those that have a row; never many more than MOST."""

    tallies: dict[Key, Tally] = field(default_factory=dict)
    names: set[Key] = field(default_factory=set)
    looked_at: float | None = None
    written_at: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def clear(self) -> None:
        """As when the process began."""
        self.tallies, self.names, self.looked_at, self.written_at = {}, set(), None, 0.0

    def add(self, seen: Mapping[Key, int], now: datetime) -> bool:
        """Count them; returns whether it is time to write."""
        before = len(self.names)
        for key, count in seen.items():
            tally = self.tallies.setdefault(self._bounded(key), Tally(now, now))
            tally.count, tally.last = tally.count + count, max(tally.last, now)
        return len(self.names) > before or time.monotonic() - self.written_at > SECONDS

    def take(self) -> dict[Key, Tally]:
        """What is to be written now."""
        taken, self.tallies, self.written_at = self.tallies, {}, time.monotonic()
        return taken

    def _bounded(self, key: Key) -> Key:
        event, path = key
        if not is_name(event) or (path and not is_path(path)):
            return OTHERS
        if key not in self.names:
            self._look()
            if len(self.names) >= MOST:
                return key if key in self.names else OTHERS
            self.names.add(key)
        return key

    def _look(self) -> None:
        """Other processes add names too."""
        full = len(self.names) >= MOST
        if full and self.looked_at is not None and time.monotonic() - self.looked_at < LOOK_AGAIN:
            return
        self.names = set(SeenNotAllowed.objects.values_list("event", "property")[: MOST + 1]) - {OTHERS}
        self.names |= self.tallies.keys() - {OTHERS}
        self.looked_at = time.monotonic()


GATHERED = Gathered()


def note_seen(*, seen: Mapping[Key, int], now: datetime) -> None:
    """Count what was dropped: events that are not allowed, and what an allowed one does not list."""
    if not seen:
        return
    with GATHERED.lock:
        taken = GATHERED.take() if GATHERED.add(seen, now) else {}
    if taken:
        _write(taken)


def _write(taken: Mapping[Key, Tally]) -> None:
    # In one order everywhere, else two processes could wait for each other.
    rows = [
        (event, path, tally.count, tally.first, tally.last) for (event, path), tally in sorted(taken.items())
    ]
    insert_many(
        "INSERT INTO governance_seennotallowed (event, property, count, first_seen, last_seen)",
        ("varchar", "varchar", "bigint", "timestamptz", "timestamptz"),
        rows,
        "ON CONFLICT (event, property) DO UPDATE"
        " SET count = governance_seennotallowed.count + excluded.count, last_seen = excluded.last_seen",
    )
