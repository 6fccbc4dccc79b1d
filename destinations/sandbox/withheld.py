"""Which events Heed has withheld from each system, and why, where these sandboxes run beside a demo of Heed.

A system can't know what it was not sent; Heed's own record says it, read here from outside Django.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

TABLE, SYSTEMS = "destinations_forwarding", "destinations_destination"  # a test holds them to the models
EVENTS, POLICIES = "destinations_event", "preferences_revision"
REASONS_SHOWN = 3
BECAUSE = {
    "no_agreement": "health information, which no agreement (BAA) lets go there",
    "not_allowed": "it is not on the allow list",
    "stance": "no rule lets it pass",
}
BLOCKED = f"""
SELECT d.slug, e.name, f.because, f.rules, f.policy, iif(f.outcome = 'block', '', f.detail),
       count(*), coalesce(sum(f.subject = ?), 0), max(f.id)
  FROM {SYSTEMS} d
  JOIN {TABLE} f ON f.destination_id = d.id
  JOIN {EVENTS} e ON e.id = f.event_id
 WHERE f.state = 'blocked' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 9 DESC
"""  # noqa: S608 - our constants
NAMES = f"SELECT number, body FROM {POLICIES} WHERE kind = 'policy'"  # noqa: S608 - likewise
Row = tuple[str, str, str, str, int, str, int, int, int]


@dataclass(frozen=True)
class Why:
    """One kind of event that was withheld for one reason."""

    event: str
    words: str
    every: int
    theirs: int


@dataclass(frozen=True)
class Withheld:
    """From one system: how many in all, how many of the profile asked about, and why, newest first."""

    every: int = 0
    theirs: int = 0
    reasons: Sequence[Why] = ()


NOTHING = Withheld()


def withheld(database: Path | None, profile: str = "") -> Mapping[str, Withheld]:
    """By slug. Empty where no record can be read."""
    if database is None or not database.exists():
        return {}
    try:
        whose = UUID(profile).hex if profile else ""
        with closing(
            sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=1)
        ) as connection:
            names = _names(connection.execute(NAMES))
            rows = list(connection.execute(BLOCKED, [whose]))
    except (sqlite3.Error, ValueError):
        return {}
    return {slug: _of([row for row in rows if row[0] == slug], names) for slug in {row[0] for row in rows}}


def _names(policies: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """What each rule was called in each policy."""
    return {
        (number, rule["id"]): rule["name"] for number, body in policies for rule in json.loads(body)["rules"]
    }


def _of(rows: Sequence[Row], names: Mapping[tuple[int, str], str]) -> Withheld:
    found: dict[tuple[str, str], Why] = {}
    for _, event, because, rules, policy, detail, every, theirs, _ in rows:
        called = [names.get((policy, rule), rule) for rule in json.loads(rules)]
        words = detail or BECAUSE.get(because) or "; ".join(called)
        before = found.get((event, words))
        was = (before.every, before.theirs) if before else (0, 0)
        found[event, words] = Why(event, words, was[0] + every, was[1] + theirs)
    reasons = sorted(found.values(), key=lambda why: not why.theirs)
    return Withheld(
        sum(why.every for why in reasons), sum(why.theirs for why in reasons), reasons[:REASONS_SHOWN]
    )
