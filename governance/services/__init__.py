"""Every way in which what may flow is counted or kept, other than by publishing."""

from governance.services.keeping import keep_facts
from governance.services.seeing import note_seen

__all__ = ["keep_facts", "note_seen"]
