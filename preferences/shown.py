"""What somebody was shown when they began to write, so that nothing newer is overwritten without a word."""

from datetime import datetime
from typing import NamedTuple

from django.utils.dateparse import parse_datetime

from preferences.models import Draft, Revision

READ_AGAIN = "The draft was saved again, or settled, while you read it. Look at it once more."
ON_TOP = "Your draft now stands on what was published meanwhile. Look at what it changes, then publish it."


class Shown(NamedTuple):
    """The revision that it rests on, and when one's own draft had been saved. Forms send it back as text."""

    number: int = 0
    saved: datetime | None = None

    def __str__(self) -> str:
        return f"{self.number} {self.saved.isoformat()}" if self.saved else str(self.number)

    @classmethod
    def of(cls, draft: Draft | None, stands: Revision | None, by: str) -> "Shown":
        """A page shows a draft, or else what stands; a colleague's draft is none of one's own."""
        if draft is None:
            return cls(stands.number if stands else 0)
        return cls(draft.based_on, draft.updated_at if draft.author == by else None)

    @classmethod
    def read(cls, text: str) -> "Shown":
        """As a form sent it back. What can't be read has seen nothing: it never overwrites."""
        number, _, saved = text.partition(" ")
        try:
            return cls(int(number[:9]), parse_datetime(saved))
        except ValueError:
            return cls()
