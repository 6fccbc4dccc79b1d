"""What a connector declares about its system: how it addresses people, fields, settings, rates."""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class By(StrEnum):
    """How a system addresses people: never both."""

    ADDRESS = "address"  # one row per email or phone
    PERSON = "person"  # one row per person, who is handed over with all identifiers


class Kind(StrEnum):
    """What a mapper's row holds on its way from source to target."""

    ANSWER = "answer"  # a person's answer as it is: True where they are out
    YES_NO = "yes_no"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a mapper's rows may point at one kind of system; `shape` is matched by the whole path.

    What the shape's group `name` matches is a category, or one of the names that staff gave in `setting`.
    `facts`: it may hold a plain fact too, a language for instance. `only`: sources, by how they begin.
    """

    shape: str
    example: str
    words: str
    takes: frozenset[Kind]
    facts: bool = False
    only: tuple[str, ...] = ()
    setting: str = ""

    def named(self, path: str) -> str:
        """The name in a path that fits; empty where the shape asks for none."""
        found = re.fullmatch(self.shape, path)
        return found.groupdict().get("name", "") if found else ""

    def fits(self, path: str) -> bool:
        return re.fullmatch(self.shape, path) is not None


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing staff fill in. Form, checks, docs and the list of what is redacted are derived from it."""

    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: Any = ""
    many: bool = False  # a map: one `name: value` a line
    tick: bool = False  # yes or no


def missing(
    declared: Mapping[str, Setting], settings: Mapping[str, Any], secrets: Mapping[str, str]
) -> Setting | None:
    """The first thing that must be filled in, and is not."""
    for name, setting in declared.items():
        given = secrets.get(name) if setting.secret else settings.get(name, setting.default)
        if setting.required and not given:
            return setting
    return None


class Settings:
    """One destination's settings, by attribute; `memory` outlives a delivery (tokens), not the process.

    `reads_back`: what is written shall be read again, so that it counts as verified.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        memory: MutableMapping[str, Any] | None = None,
        *,
        reads_back: bool = False,
    ) -> None:
        self.values, self.reads_back = values, reads_back
        self.memory: MutableMapping[str, Any] = {} if memory is None else memory

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"no setting {name!r}") from None


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls an account may make in how many seconds."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that a test of the connection found, in words; where it is wrong, what to do.

    `ok` is None where nothing can be tested: then the words say why.
    """

    ok: bool | None
    words: str
    remedy: str = ""
