"""How one event of the allow list meets a policy: what of it concerns the event at all."""

from functools import reduce
from operator import or_
from typing import NamedTuple

from governance.allowed import AllowedEvent
from governance.bits import Bits
from governance.matching import Properties
from governance.terms import Truth
from governance.verdicts import Place, Verdict


class Known(NamedTuple):
    """Of all of whom the same is true: rules that apply as far as they go, and rules that are broken.

    `truths`: of all that is asked about people, in the order of `Bits.people`.
    """

    applies: int
    broken: int
    truths: tuple[Truth, ...]


class Meeting:
    """What of a policy concerns one event, and what was worked out about it so far."""

    def __init__(self, bits: Bits, allowed: AllowedEvent, people: dict[bytes, Known]) -> None:
        self.allowed = allowed
        self.people = people
        self.verdicts: dict[tuple[int, int, Place], Verdict] = {}
        elsewhere = [mask for names, mask in bits.names.items() if allowed.name not in names]
        self.rules = bits.on & ~reduce(or_, elsewhere, 0)
        self._unasked = bits.unasked
        self._shifts = tuple(layer * bits.width for layer in range(1, bits.layers))
        self._health = 1 << bits.layers * bits.width
        self._carries_health = bits.carries_health
        self._bearing = bits.content.of(allowed, health=self._health)

    def hits(self, known: Known, properties: Properties) -> int:
        """See `Compiled.hits`."""
        said = self._bearing.together(properties)
        hits = self.rules & known.applies & (said | self._unasked)
        for shift in self._shifts:
            hits &= (said | self._unasked) >> shift
        return hits | self._carries_health if said & self._health else hits
