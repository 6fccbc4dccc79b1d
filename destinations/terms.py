"""The words of propagation, and what staff read for each reason."""

from typing import NamedTuple

from django.db.models import TextChoices

from destinations.contract import Reason


class DestinationState(TextChoices):
    """Whether a system is told."""

    LIVE = "live", "Live"
    SHADOW = "shadow", "Shadow: recorded, nothing leaves"
    PAUSED = "paused", "Paused"


class Purpose(TextChoices):
    """What an outside system is used for."""

    MARKETING = "marketing", "Marketing"
    ADVERTISING = "advertising", "Advertising"
    APPOINTMENTS = "appointments", "Appointments"
    CARE = "care", "Care"
    ANALYTICS = "analytics", "Analytics"
    CALL_CENTER = "call_center", "Call center"
    RECORDS = "records", "Records"
    OTHER = "other", "Other"


class PropagationState(TextChoices):
    """Where the telling of one system stands (DESIGN, section 7)."""

    PENDING = "pending", "Waiting its turn"
    SENDING = "sending", "Being told now"
    ACKNOWLEDGED = "acknowledged", "Told"
    VERIFIED = "verified", "Told, and read back"
    LATER = "later", "Will be tried again"
    STUCK = "stuck", "Needs a person"
    ABSENT = "absent", "Not known there"
    SHADOW = "shadow", "Would be told (shadow)"
    PAUSED = "paused", "Paused"


class EventState(TextChoices):
    """What became of something that a vendor said."""

    WAITING = "waiting", "Waits to be read"
    COUNTED = "counted", "Counted"
    NOTHING = "nothing", "Means nothing for anybody"
    TO_READ = "to_read", "A person must read it"
    KEPT = "kept", "Kept: nobody knows yet what it means"
    LATER = "later", "Could not be counted; will be tried again"


class TextPurpose(TextChoices):
    """Why Heed itself sends a text."""

    SIGN_IN_CODE = "sign_in_code", "Sign-in code"
    STOP_CONFIRMED = "stop_confirmed", "Confirmation of a STOP"


class TextState(TextChoices):
    """What became of a text of ours."""

    WAITING = "waiting", "Waits to be sent"
    SENDING = "sending", "Begun; it is not known yet whether it left"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Arrived"
    DENIED = "denied", "Not sent: no texts may go there"
    FAILED = "failed", "Did not arrive"
    TOO_LATE = "too_late", "Not sent in time"


class EventKind(TextChoices):
    """How a partner's event was told (Segment's words)."""

    TRACK = "track", "Something happened"
    PAGE = "page", "A page was viewed"
    SCREEN = "screen", "A screen was viewed"


class Taken(TextChoices):
    """What became of an event that a partner sent."""

    ACCEPTED = "accepted", "Kept, and sent on where it may go"
    DUPLICATE = "duplicate", "It was here already"
    NOT_ALLOWED = "not_allowed", "Dropped and counted: staff have not allowed it"


class ForwardingState(TextChoices):
    """Where one event stands at one system."""

    WAITING = "waiting", "Waits its turn"
    SENDING = "sending", "Being sent now"
    SENT = "sent", "Sent"
    BLOCKED = "blocked", "Not sent"
    LATER = "later", "Will be tried again"
    STUCK = "stuck", "Refused by the system"
    EXPIRED = "expired", "Too late to be sent"
    SHADOW = "shadow", "Would be sent (shadow)"


class Unit(TextChoices):
    """What a deadline is counted in."""

    BUSINESS_DAYS = "business_days", "business days"
    DAYS = "days", "days"
    HOURS = "hours", "hours"
    MINUTES = "minutes", "minutes"


class CameIn(TextChoices):
    """How a request came in, where a rule asks."""

    ONE_CLICK = "one_click", "Unsubscribe button of a mail program"


class AlarmKind(TextChoices):
    """What staff are told of opt-outs that wait."""

    NEAR = "near", "Deadline is near"
    MISSED = "missed", "Deadline missed"
    SHUT = "shut", "System refuses Heed"


class Mail(TextChoices):
    """What became of the mail about an alarm: it is claimed before each try."""

    NONE = "", "Not sent yet"
    SENDING = "sending", "Begun; it is not known whether it arrived"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class Side(TextChoices):
    """Where the no stands that the other side lacks."""

    MISSING_THERE = "missing_there", "No here, not there"
    ONLY_THERE = "only_there", "No there, not here"


class Mended(TextChoices):
    """What was done about a difference."""

    PUSHED = "pushed", "They were told again"
    ADOPTED = "adopted", "Their no counts here, too"
    LEFT = "left", "Left as it is"


class Fault(TextChoices):
    """Why a no of theirs could not be taken over: it stays open, and may be tried again."""

    REFUSED = "refused", "what Heed knows of them forbids it"
    UNREADABLE = "unreadable", "the key of its address is gone"
    BROKEN = "broken", "it is broken; the log names the fault"


class Act(TextChoices):
    """What staff may do to everyone at a system, or to all who are stuck for one reason."""

    GO_LIVE = "go_live", "Go live"
    AGAIN = "again", "Tell everyone again"
    RETRY = "retry", "Try a group again"
    PUSH = "push", "Tell again what is missing"
    ADOPT = "adopt", "Take over their opt-outs"
    HOLD = "hold", "Hold unknown opt-outs"
    SHRINK = "shrink", "Let the list shrink"
    PURPOSE = "purpose", "No longer count as advertising"


TOLD = frozenset({PropagationState.ACKNOWLEDGED, PropagationState.VERIFIED, PropagationState.ABSENT})

REASONS: dict[str, str] = {
    Reason.OK: "",
    Reason.UNCHANGED: "It already held this; no call was needed.",
    Reason.THROTTLED: "The system asked us to slow down.",
    Reason.UNAVAILABLE: "The system is not available.",
    Reason.NO_ANSWER: "No answer came in time; it may or may not have taken the change.",
    Reason.GARBLED: "The answer could not be read.",
    Reason.PARTIAL: "The system took only part of what was sent.",
    Reason.TURN_OVER: "The system is slow; this one is next.",
    Reason.REJECTED_DATA: "The system refused this record.",
    Reason.REJECTED_CONFIG: "The system refused how we are set up there: check the connection's settings.",
    Reason.REJECTED_AUTH: "The system did not accept our credentials: enter new ones.",
    Reason.AMBIGUOUS: "Several records there match this person: merge or correct them there.",
    Reason.NEEDS_PERSON: "The system has an opt-out of its own that may be newer: ask the person.",
    Reason.TO_CONFIRM: "The person said yes; the system has asked them to confirm it, and they have not yet.",
    Reason.FROM_HANDSET: "The system takes this person back only when they text START themselves.",
    Reason.BY_THEMSELVES: "The system lets only the person turn this on again.",
    Reason.BLOCKED: "This call is not allowed from here: see the runbook.",
    Reason.BROKEN: "The connector failed: see the runbook.",
    Reason.BY_HAND: "Somebody did it there by hand.",
    Reason.SHRANK: "The list has lost too many people: they stay on it until a second person agrees.",
    Reason.TOO_LONG: "The list there is too long for Heed to read.",
    Reason.IN_HANDS: "Somebody is asked to do it there by hand.",
    Reason.WITHHELD: "This kind of system may not have it: it was not sent.",
}

# What staff can do about it, where there is anything to do.
REMEDIES: dict[str, str] = {
    Reason.THROTTLED: "It goes on by itself. If it happens often, set a lower rate limit on the connection.",
    Reason.UNAVAILABLE: "It goes on by itself. If it lasts, ask the vendor whether the system is down.",
    Reason.NO_ANSWER: "It goes on by itself: one more try makes sure that it holds.",
    Reason.GARBLED: "Check the connection's address: something else may be answering there.",
    Reason.PARTIAL: "Look at one of these people there. If it holds the right thing, confirm it by hand.",
    Reason.REJECTED_DATA: "Look at the answer of one of them, correct the record there, then retry.",
    Reason.REJECTED_CONFIG: "Correct the connection's settings, test the connection, then retry all.",
    Reason.REJECTED_AUTH: "Enter new credentials on the connection and test it: all of these then go out.",
    Reason.AMBIGUOUS: "Merge or correct the records there, then retry; or hand it to whoever looks after it.",
    Reason.NEEDS_PERSON: "Ask the person. Their new answer is later than what stands there, and settles it.",
    Reason.TO_CONFIRM: "Ask them to open the message from that system and confirm. Heed looks again daily.",
    Reason.FROM_HANDSET: "Ask them to text START from that phone to the number that texts them.",
    Reason.BY_THEMSELVES: "Tell them where: in its portal, or on its sign-up form. Heed looks again daily.",
    Reason.SHRANK: "Find out why. If it is right, press “Let the list shrink” on the system’s page.",
    Reason.TOO_LONG: "What is written there is right all the same: it is only not looked at.",
    Reason.IN_HANDS: "Whoever has it confirms on the desk what they did; that counts as told.",
    Reason.BLOCKED: "An operator must allow the address (see the runbook), then retry.",
    Reason.BROKEN: "Report it. Until it is mended, hand these to whoever looks after the system.",
}


class Label(NamedTuple):
    """What patients call a system, and in which language that is."""

    words: str
    language: str
