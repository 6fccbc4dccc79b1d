"""What a subject's entries come to: a compact map that does not depend on the order in which they arrived.

Choices. Key: `category:channel`, either part may be `*`. An opt-out by `*` that came together with narrower
opt-ins leaves those out: `*:*-surveys:email`. An opt-in by `*` is expanded when recorded and remembers its
breadth: `surveys:email<*:*`. Value: [in, effective time µs, change, expires µs or 0]. Under one key the latest
stands, and at the same instant the opt-out (R3), so any order of arrival leads to the same map (R4).

Restrictions. Key: `kind:category:channel` (no channel: all that the kind covers). Value: the latest setting and
the latest lifting, each [effective time µs, change].
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preferences.terms import ANY, State

Choices = dict[str, list[int]]
Restrictions = dict[str, list[int]]
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """The choice that wins for one question."""

    state: State
    since: int
    change: int
    expires: int


def load(text: str) -> dict[str, list[int]]:
    return json.loads(text) if text != "{}" else {}


def dump(projection: Mapping[str, list[int]]) -> str:
    return json.dumps(projection, separators=(",", ":"), sort_keys=True)


def choice_key(entry: Entry) -> str:
    """Where a choice is kept; see the module's docstring."""
    key = f"{entry['category']}:{entry['channel']}"
    if entry.get("except"):
        return f"{key}-{','.join(sorted(entry['except']))}"
    return f"{key}<{entry['via']}" if entry.get("via") else key


def place_choice(choices: Choices, entry: Entry, change: int) -> None:
    """Let one counted choice take its place."""
    key = choice_key(entry)
    value = [int(entry["state"] == State.IN), entry["at"], change, entry.get("until", 0)]
    if key not in choices or _rank(value) > _rank(choices[key]):
        choices[key] = value


def _rank(value: list[int]) -> tuple[int, int, int]:
    """Later first; at the same instant the opt-out; then the earlier recording, for a stable answer."""
    return value[1], -value[0], -value[2]


def merge_choices(into: Choices, other: Choices) -> None:
    """Two people turn out to be one: the choices of both count."""
    for key, value in other.items():
        if key not in into or _rank(value) > _rank(into[key]):
            into[key] = value


def covers(pattern: str, category: str, channel: str) -> bool:
    """Does `category:channel` with stars cover this?"""
    left, _, right = pattern.partition(":")
    return left in (ANY, category) and right in (ANY, channel)


def narrower(pattern: str, than: str) -> bool:
    """Is everything that `pattern` covers covered by `than`, and not the other way round?"""
    category, _, channel = pattern.partition(":")
    return pattern != than and covers(than, category, channel)


def resolve(choices: Choices, category: str, channel: str, *, wildcards: bool) -> Standing | None:
    """The winning choice (R1, R3); None where nobody was asked. `wildcards`: does category `*` mean this one?"""
    if not choices:
        return None
    explicit: list[tuple[str, list[int]]] = []
    expanded: list[tuple[str, list[int]]] = []
    for pattern, via, value in _covering(choices, category, channel, wildcards):
        (expanded if via else explicit).append((via or pattern, value))
    candidates = [value for _, value in explicit]
    candidates += [value for via, value in expanded if _may_win(via, explicit)]
    if not candidates:
        return None
    winner = max(candidates, key=_rank)
    return Standing(State.IN if winner[0] else State.OUT, winner[1], winner[2], winner[3])


def _covering(
    choices: Choices, category: str, channel: str, wildcards: bool
) -> Iterator[tuple[str, str, list[int]]]:
    for key, value in choices.items():
        pattern, _, exceptions = key.partition("-")
        pattern, _, via = pattern.partition("<")
        if not covers(pattern, category, channel) or (pattern[0] == ANY and not wildcards):
            continue
        if exceptions and f"{category}:{channel}" in exceptions.split(","):
            continue
        yield pattern, via, value


def _may_win(via: str, explicit: Iterable[tuple[str, list[int]]]) -> bool:
    """An opt-in by `*` never beats an opt-out narrower than the wildcard, whichever arrived first (R1)."""
    closer = [value for pattern, value in explicit if narrower(pattern, via)]
    return not closer or bool(max(closer, key=_rank)[0])


def restriction_key(entry: Entry) -> str:
    return f"{entry['kind']}:{entry['category']}:{entry['channel']}"


def place_restriction(restrictions: Restrictions, entry: Entry, change: int) -> None:
    """Let one setting or lifting take its place."""
    value = restrictions.setdefault(restriction_key(entry), [0, 0, 0, 0])
    start = 0 if entry["set"] else 2
    if entry["at"] > value[start]:
        value[start : start + 2] = [entry["at"], change]


def in_force(value: list[int]) -> bool:
    """Set, and not lifted later; a tie goes to the restriction (R7)."""
    return value[0] > 0 and value[0] >= value[2]
