"""SendGrid's lists: unsubscribe groups by their ids, and the global one."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

GROUPS, GLOBAL, EVERYTHING = "/v3/asm/groups", "/v3/asm/suppressions/global", "global"


def place_of(groups: Mapping[str, Any]) -> Callable[[str], str]:
    """Which list a target is; empty where no group is named for it."""
    return lambda target: (
        GLOBAL if target == EVERYTHING else str(groups.get(target.removeprefix("groups."), ""))
    )


def members(place: str) -> str:
    """Where those on a list are."""
    return GLOBAL if place == GLOBAL else f"{GROUPS}/{quote(place, safe='')}/suppressions"
