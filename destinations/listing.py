"""Everyone who is out at a system by its own lists, page by page: whom Heed knows, and whom it does not.

Only what the connector says reads is called. Whoever is known and not out here differs; of whom nobody here
has heard the address is kept, sealed, until staff say what becomes of it.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from destinations import comparing, ways
from destinations.comparing import Differs, targets_of
from destinations.contract import Answer, Call, Connector, Page, Settings
from destinations.models import Destination
from destinations.payloads import would_tell
from destinations.sending import settings_for, way_to
from destinations.terms import Side
from preferences import identity
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.terms import IdentifierKind

Entry = tuple[Sequence[str], Named]  # the targets that a list stands for, and who is on it

LIST_SECONDS = 30.0
LARGEST_LIST = 32_000_000  # bytes: about a million addresses, where a system shows a list only as a whole
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Unknown:
    """Somebody who is out there of one target, and of whom Heed has never heard."""

    target: str
    who: Named


def page_of(destination: Destination, connector: Connector, after: str, now: datetime) -> tuple[Page, int]:
    """The next page of who is out there, and how many calls it took.

    Raises contract.Refused, http.NoAnswer, Blocked, credentials.Unreadable.
    """
    way = replace(way_to(destination, connector), only=connector.only_reads, largest=LARGEST_LIST)
    memory = comparing.memory_of(destination)
    settings = Settings(settings_for(destination, connector).values, memory)
    steps = connector.listing(targets_of(destination), after, settings, now)
    answer: Answer | None = None
    calls, deadline = 0, time.monotonic() + LIST_SECONDS
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as ended:
            return ended.value, calls
        if isinstance(step, Call):
            calls += 1
            answer = ways.send(step, way, deadline)


def parts(page: Page) -> Iterator[Sequence[Entry]]:
    """A few hundred at a time; what is no address is left out."""
    entries = _named(page.out)
    while part := list(islice(entries, CHUNK)):
        yield part


def _named(out: Iterable[tuple[Sequence[str], str]]) -> Iterator[Entry]:
    for targets, address in out:
        kind = IdentifierKind.EMAIL if "@" in address else IdentifierKind.PHONE
        with suppress(Malformed):
            yield targets, identity.named(kind, address)


def compared(
    destination: Destination, connector: Connector, part: Sequence[Entry], now: datetime
) -> tuple[list[Differs], list[Unknown]]:
    """Who of them is known and not out here, and who is not known at all."""
    found = identity.find(who for _, who in part)
    told = would_tell(destination, connector, set(found.values()), now)
    # An address that may not be looked at there has none.
    denied = {pk: _denied(each.content) for pk, each in told.items() if each.content["address"]}
    differs = [
        Differs(found[who], target, Side.ONLY_THERE)
        for targets, who in part
        if found.get(who) in denied and denied[found[who]].isdisjoint(targets)
        for target in targets
    ]
    unknown = [Unknown(target, who) for targets, who in part if who not in found for target in targets]
    return differs, unknown


def _denied(content: Mapping[str, Any]) -> set[str]:
    return {target for target, field in content["fields"].items() if field.denies}
