"""What somebody said, and how: the words in which every service is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from preferences.clock import Moment, start_of
from preferences.ledger import Origin
from preferences.models import Source
from preferences.terms import Actor, State


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing said: in or out, of a category (or `*`) on a channel (or `*`).

    `said_of`: `*` where it was said of all categories, and this is one of them.
    """

    category: str
    channel: str
    state: State
    said_of: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """How something was said: where, by whom, when, and what shows it.

    `occurred` is an instant, a day, or None where no date is known (R2). `second_step`: the person confirmed
    in a step of its own. `notice_id` is the wording they were shown. `evidence` is kept encrypted.
    """

    source: Source
    by: Actor
    occurred: Moment | None
    evidence: Mapping[str, Any] | None = field(default=None, repr=False)
    notice_id: int | None = None
    second_step: bool = False
    attached: bool = False  # evidence that shows the person's own will: a form, a recording, staff in person
    who: str = ""  # which member of staff, API key or proxy
    how: str = ""  # by which way it came, where a deadline depends on it: `one_click`
    grant: int = 0  # of a proxy: the entry that lets them choose (R11)
    signal: str = ""  # a privacy signal: gpc, form or agent (R9)
    despite: str = ""  # the signal that the person was told of, and overrode

    def signed(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """An entry with who said it, how, and the wording they were shown, so that the hash covers all."""
        marks = {"by": self.by.value, "who": self.who, "how": self.how, "notice": self.notice_id}
        marks |= {"grant": self.grant, "signal": self.signal, "despite": self.despite}
        return {**entry, **{name: mark for name, mark in marks.items() if mark}}

    def with_evidence(self, **more: Any) -> "Said":
        """The same, with more that shows it."""
        return replace(self, evidence={**(self.evidence or {}), **more})

    def origin(self, recorded_at: datetime) -> Origin:
        occurred_at = start_of(self.occurred, recorded_at)
        return Origin(
            self.source.pk, self.source.slug, occurred_at, recorded_at, self.notice_id, self.evidence
        )
