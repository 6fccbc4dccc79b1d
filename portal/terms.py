"""The words of the patients' pages."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a signed link is for."""

    VIEW = "p"
    UNSUBSCRIBE = "u"


class Strength(StrEnum):
    """What the person has shown in this visit: that a link was opened, or that a code reached them.

    A link may have been forwarded, so it opts out and shows masked data; all else asks for a code first.
    """

    LINK = "link"
    CODE = "code"


class CodeProblem(StrEnum):
    """Why a code does not let somebody in."""

    MALFORMED = "malformed"
    WRONG = "wrong"
    OVER = "over"


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
