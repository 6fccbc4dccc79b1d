"""The words of the patients' pages."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a signed link is for."""

    VIEW = "p"
    UNSUBSCRIBE = "u"


class LinkProblem(StrEnum):
    """Why a link does not open."""

    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Telling(StrEnum):
    """How far the telling of one outside system has come, as a patient reads it."""

    TOLD = "told"
    ABSENT = "absent"
    WAITING = "waiting"
    WORKING = "working"
    TRYING = "trying"
    STAFF = "staff"
    CONFIRM = "confirm"
    HANDSET = "handset"
    THEMSELVES = "themselves"


SETTLED = frozenset({Telling.TOLD, Telling.ABSENT})
