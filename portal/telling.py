"""Which systems know of a choice by now, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.selectors import System
from portal.terms import Telling

WORDS = {
    Telling.TOLD: gettext_lazy("Told"),
    Telling.ABSENT: gettext_lazy("Does not know you"),
    Telling.WAITING: gettext_lazy("Being told…"),
    Telling.WORKING: gettext_lazy("Working on it: this can take a few minutes"),
    Telling.TRYING: gettext_lazy("Not yet: we keep trying"),
    Telling.STAFF: gettext_lazy("Not yet: our staff must look at it first"),
    Telling.CONFIRM: gettext_lazy("Waiting for you: open the email it sends you, and confirm there"),
    Telling.HANDSET: gettext_lazy("Waiting for you: text START to the number that texts you"),
    Telling.THEMSELVES: gettext_lazy("Waiting for you: only you can turn it on again there. Ask us how"),
}


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A system, and in words whether it has been told."""

    label: str
    lang: str
    telling: Telling
    words: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the telling has come."""

    systems: tuple[SystemLine, ...]
    summary: str
    done: bool


def progress(systems: Sequence[System]) -> Progress:
    """Each system, and one sentence about all."""
    lines = tuple(
        SystemLine(each.label, each.language, each.telling, str(WORDS[each.telling])) for each in systems
    )
    settled = sum(each.settled for each in systems)
    return Progress(lines, _summary(settled, len(systems)), done=settled == len(systems))


def _summary(settled: int, total: int) -> str:
    if settled == total:
        return _("Done: every system that sends for us knows what you want.")
    waiting = ngettext(
        "{settled} of {total} systems is up to date.", "{settled} of {total} systems are up to date.", settled
    )
    return waiting.format(settled=settled, total=total)
