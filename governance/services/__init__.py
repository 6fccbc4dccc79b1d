"""Every way in which what may flow is counted, kept or changed, other than by publishing a draft."""

from governance.services.allowing import allow_seen
from governance.services.keeping import keep_facts
from governance.services.seeing import note_seen

__all__ = ["allow_seen", "keep_facts", "note_seen"]
