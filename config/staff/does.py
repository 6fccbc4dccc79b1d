"""What staff can do for a person beside recording a choice: offered where it fits and is allowed."""

from collections.abc import Callable
from dataclasses import dataclass

from config.staff.permissions import DECEASED, LIFT, MERGE, ORDER, PROXIES, RECORD
from config.staff.selectors import Known
from preferences import projection


@dataclass(frozen=True, slots=True)
class Does:
    """A page of theirs, what it is called there, whom it is for, and when there is something to do."""

    view: str
    words: str
    needs: str
    fits: Callable[[Known], bool]

    @property
    def url_name(self) -> str:
        """How `reverse` finds it."""
        return f"admin:{self.view}"


def _always(known: Known) -> bool:
    return True


def _paused(known: Known) -> bool:
    return any(start <= known.rules.now < until for start, until, *_ in known.person.pauses.values())


def _restricted(known: Known) -> bool:
    return any(
        projection.in_force(value)
        for each in known.person.held
        for _, value in projection.denials(each.restrictions)
    )


def _ordered(known: Known) -> bool:
    return known.person.order is not None


def _not_ordered(known: Known) -> bool:
    return known.person.order is None


def _died(known: Known) -> bool:
    return known.person.deceased


def _lives(known: Known) -> bool:
    return not known.person.deceased


DOES = (
    Does("person_pause", "Pause messages", RECORD, _always),
    Does("person_pause_end", "End a pause", RECORD, _paused),
    Does("person_order", "Confidential communications", ORDER, _not_ordered),
    Does("person_order", "Change the order", ORDER, _ordered),
    Does("person_order_end", "End the order", ORDER, _ordered),
    Does("person_restrict", "Restrict an address", RECORD, _always),
    Does("person_lift", "Lift a restriction", LIFT, _restricted),
    Does("person_signal", "Privacy request", RECORD, _always),
    Does("person_proxies", "Somebody chooses for them", PROXIES, _always),
    Does("person_links_off", "Switch off all links", RECORD, _always),
    Does("person_same_as", "The same person as …", MERGE, _always),
    Does("person_deceased", "Report a death", DECEASED, _lives),
    Does("person_not_deceased", "Correct the report of a death", DECEASED, _died),
)
