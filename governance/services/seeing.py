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
        named = {key: _named(key) for key in seen}
        is_new = self._admit(set(named.values()) - self.names - {OTHERS})
        for key, count in seen.items():
            name = named[key] if named[key] in self.names else OTHERS
            tally = self.tallies.setdefault(name, Tally(now, now))
            tally.count, tally.last = tally.count + count, max(tally.last, now)
        return is_new or time.monotonic() - self.written_at > SECONDS

    def take(self) -> dict[Key, Tally]:
        """What is to be written now."""
        taken, self.tallies, self.written_at = self.tallies, {}, time.monotonic()
        return taken

    def _admit(self, names: set[Key]) -> bool:
        """Take up names that this process did not know, while there is room; is one of them new to all?"""
        if not names:
            return False
        self._look()
        new = sorted(names - self.names)[: max(0, MOST - len(self.names))]
        self.names.update(new)
        return bool(new)

    def _look(self) -> None:
        """Other processes add names too."""
        full = len(self.names) >= MOST
        if full and self.looked_at is not None and time.monotonic() - self.looked_at < LOOK_AGAIN:
            return
        self.names = set(SeenNotAllowed.objects.values_list("event", "property")[: MOST + 1]) - {OTHERS}
        self.names |= self.tallies.keys() - {OTHERS}
        self.looked_at = time.monotonic()


def _named(key: Key) -> Key:
    """What does not look like a name is none."""
    event, path = key
    return key if is_name(event) and (not path or is_path(path)) else OTHERS


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
