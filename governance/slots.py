"""What the room above fills in at start-up: the systems that rules may name, and what they are used for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """A system that events may be sent to."""

    slug: str
    name: str
    purpose: str
    has_agreement: bool


def _no_systems() -> Mapping[str, System]:
    return {}


_purposes: Mapping[str, str] = {}
_systems: Callable[[], Mapping[str, System]] = _no_systems


def fill_systems(purposes: Mapping[str, str], systems: Callable[[], Mapping[str, System]]) -> None:
    """`purposes`: each with its words. `systems`: those that there are now, by slug; one query."""
    global _purposes, _systems
    _purposes, _systems = purposes, systems


def purposes() -> Mapping[str, str]:
    """What systems are used for, with its words."""
    return _purposes


def systems() -> Mapping[str, System]:
    """The systems that there are, by slug."""
    return _systems()
