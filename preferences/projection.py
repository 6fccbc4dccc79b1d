"""What a subject's entries come to: a compact map that does not depend on the order in which they arrived.

Choices. Key: `category:channel`, either part may be `*`. An opt-out by `*` that came together with narrower
opt-ins leaves those out: `*:*-surveys:email`. An opt-in by `*` is expanded when recorded and remembers its
breadth: `surveys:email<*:*`. Value: [in, effective time µs, change, expires µs or 0], and where an earlier
opt-out was said under the same key, when the first of them took effect. Under one key the latest stands, and
at the same instant the opt-out (R3): any order of arrival leads to the same map (R4).

Pauses. Key: the category. Value: [from µs, until µs, change]: what was said last stands.

Restrictions. Key: `kind:category:channel` (no channel: all that the kind covers). Value: the latest setting
and the latest lifting, each [effective time µs, change]. `spared:category:channel` among them denies nothing:
a STOP that stood then goes on without this one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from preferences.terms import ANY, State

SPARED = "spared"

Choices = dict[str, list[int]]
Restrictions = dict[str, list[int]]
Pauses = dict[str, list[int]]
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """The choice that wins for one question."""

    state: State
    since: int
    change: int
    expires: int


class Covering(NamedTuple):
    """A choice that covers a question: how broadly it was put, and whether it is an opt-in by `*`."""

    breadth: str
    expanded: bool
    value: list[int]


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
    choices[key] = _later(choices[key], value) if key in choices else value


def _later(one: list[int], other: list[int]) -> list[int]:
    """Which of two stands, with the first opt-out of both: a repeated no is not younger for it (R17)."""
    stands = max(one, other, key=_rank)[:4]
    first = min(filter(None, (_first_out(one), _first_out(other))), default=0)
    return stands if first == _first_out(stands) else [*stands, first]


def _first_out(value: list[int]) -> int:
    """When the first opt-out under a key took effect; 0 where none was said."""
    if len(value) > 4:
        return value[4]
    return 0 if value[0] else value[1]


def _rank(value: list[int]) -> tuple[int, int, int]:
    """Later first; at the same instant the opt-out; then the earlier recording, for a stable answer."""
    return value[1], -value[0], -value[2]


def place_pause(pauses: Pauses, entry: Entry, change: int) -> None:
    """Let one pause take its place; said at the same instant, the longer one."""
    value = [entry["from"], entry["until"], change]
    if entry["category"] not in pauses or value > pauses[entry["category"]]:
        pauses[entry["category"]] = value


def next_change(choices: Choices, pauses: Mapping[str, Sequence[int]], after: int) -> int | None:
    """When an answer next changes by the clock, in µs: an opt-in runs out, a pause ends. None: never."""
    ends = [value[3] for value in choices.values()] + [until for _, until, *_ in pauses.values()]
    return min((end for end in ends if end > after), default=None)


def covers(pattern: str, category: str, channel: str) -> bool:
    """Does `category:channel` with stars cover this?"""
    left, _, right = pattern.partition(":")
    return left in (ANY, category) and right in (ANY, channel)


def narrower(pattern: str, than: str) -> bool:
    """Is everything that `pattern` covers covered by `than`, and not the other way round?"""
    category, _, channel = pattern.partition(":")
    return pattern != than and covers(than, category, channel)


def resolve(choices: Choices, category: str, channel: str, *, wildcards: bool) -> Standing | None:
    """The winning choice (R1, R3); None where nobody was asked. `wildcards`: does category `*` mean it?"""
    if not choices:
        return None
    winner = _winner(list(covering(choices, category, channel, wildcards)))
    if winner is None:
        return None
    return Standing(State.IN if winner[0] else State.OUT, winner[1], winner[2], winner[3])


def ever_chose(choices: Choices, category: str, *, wildcards: bool) -> bool:
    """Did the person ever say anything about a category, on whatever channel?"""
    names = (category, ANY) if wildcards else (category,)
    return any(key.partition(":")[0] in names for key in choices)


def out_since(choices: Choices, category: str, channel: str, *, wildcards: bool) -> int:
    """When the first of the opt-outs that stand took effect, however often it was repeated; 0: none."""
    found = covering(choices, category, channel, wildcards)
    return min((_first_out(each.value) for each in found if not each.value[0]), default=0)


def _winner(covering: Sequence[Covering]) -> list[int] | None:
    standing = [each.value for each in covering if not (each.expanded and _held_down(each.breadth, covering))]
    return max(standing, key=_rank, default=None)


def _held_down(breadth: str, covering: Sequence[Covering]) -> bool:
    """An opt-in by `*` never beats an opt-out that stands and is narrower, whichever arrived first (R1)."""
    closer = _winner([each for each in covering if narrower(each.breadth, breadth)])
    return closer is not None and not closer[0]


def covering(choices: Choices, category: str, channel: str, wildcards: bool) -> Iterator[Covering]:
    """Every choice that says something about a question, whether it wins or not."""
    for key, value in choices.items():
        said_of, said_on, exceptions, via = _taken_apart(key)
        if said_of != category and (said_of != ANY or not wildcards):
            continue
        if said_on not in (channel, ANY) or (exceptions and f"{category}:{channel}" in exceptions):
            continue
        yield Covering(via or f"{said_of}:{said_on}", bool(via), value)


@lru_cache(maxsize=4096)
def _taken_apart(key: str) -> tuple[str, str, frozenset[str], str]:
    """Category, channel, exceptions and breadth of a key: there are few keys, and each is read often."""
    pattern, _, exceptions = key.partition("-")
    pattern, _, via = pattern.partition("<")
    category, _, channel = pattern.partition(":")
    return category, channel, frozenset(exceptions.split(",")) if exceptions else frozenset(), via


def restriction_key(entry: Entry) -> str:
    return f"{entry['kind']}:{entry['category']}:{entry['channel']}"


def place_restriction(restrictions: Restrictions, entry: Entry, change: int) -> None:
    """Let one setting or lifting take its place."""
    value = restrictions.setdefault(restriction_key(entry), [0, 0, 0, 0])
    start = 0 if entry["set"] else 2
    if entry["at"] > value[start]:
        value[start : start + 2] = [entry["at"], change]


def place_spared(restrictions: Restrictions, entry: Entry, change: int) -> None:
    """What a STOP that stands leaves out, by the person's own later word."""
    value = restrictions.setdefault(f"{SPARED}:{entry['category']}:{entry['channel']}", [0, 0, 0, 0])
    if entry["at"] > value[0]:
        value[:2] = [entry["at"], change]


def spares(restrictions: Restrictions, since: int, category: str, channel: str) -> bool:
    """Is this left out of a STOP of that time? A later STOP is whole; a tie goes to the STOP (R7)."""
    return restrictions.get(f"{SPARED}:{category}:{channel}", (0,))[0] > since


def denials(restrictions: Restrictions) -> Iterator[tuple[str, list[int]]]:
    """The restrictions alone, by key."""
    return (each for each in sorted(restrictions.items()) if not each[0].startswith(f"{SPARED}:"))


def in_force(value: list[int]) -> bool:
    """Set, and not lifted later; a tie goes to the restriction (R7)."""
    return value[0] > 0 and value[0] >= value[2]
