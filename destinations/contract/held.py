"""What a target at a vendor must say, and what Heed knows of it there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """What one target must say: the value to write, and what it means for the person.

    `denies` None: leave whatever stands there, unless it is a `fact`, which is written as it is. A target
    without a Field is one that nobody was asked about. `otherwise`: what it says once a denial is over.
    """

    value: Any
    denies: bool | None
    since: datetime | None = None
    because: str = ""
    otherwise: Any = False
    fact: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What Heed knows of one target at the vendor."""

    wrote: bool = False  # Heed's denial stands there
    before: bool | None = None  # denied before Heed's first write? None: unknown
    because: str = ""
    at: str = ""  # when Heed last confirmed it
    seen: str = ""  # when Heed first saw a denial that is not its own
    reported: str = ""  # when the vendor last reported a denial of its own
    otherwise: Any = False  # what stands there in place of Heed's denial once that is over

    def learnt_since(self, moment: datetime) -> bool:
        """Was all of this learnt at that moment or later?"""
        dates = [datetime.fromisoformat(each) for each in (self.at, self.seen, self.reported) if each]
        return bool(dates) and min(dates) >= moment
