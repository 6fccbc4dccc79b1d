"""Every way in which what may flow is counted or changed, other than by publishing."""

from governance.services.seeing import note_seen

__all__ = ["note_seen"]
