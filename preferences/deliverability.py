"""Whether what is sent to an address arrives, as vendors report. No answer depends on it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from preferences.clock import instant, micros
from preferences.models import Identifier


@dataclass(frozen=True, slots=True)
class CameBack:
    """What was sent there came back: when, and the name of the source that says so."""

    at: datetime
    source: str

    @classmethod
    def load(cls, kept: Mapping[str, Any] | None) -> "CameBack | None":
        """As it stands on the identifier's row; None where nothing is reported."""
        return cls(instant(kept["came_back"]), kept["source"]) if kept else None

    def kept(self) -> dict[str, Any]:
        """The same, to be kept there."""
        return {"came_back": micros(self.at), "source": self.source}


def came_back(ids: Collection[UUID]) -> dict[UUID, CameBack]:
    """Of these addresses, those that do not work: one query."""
    reported = Identifier.objects.filter(id__in=ids, deliverability__isnull=False)
    rows = reported.values_list("id", "deliverability")
    return {pk: found for pk, kept in rows if (found := CameBack.load(kept))}
