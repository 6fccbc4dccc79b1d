"""What a connector declares about how its system takes, confirms and shows what it is told."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from destinations.contract.outcomes import Reason


class Glyph(StrEnum):
    """What kind of system it is, as a picture of our own: static/heed/kinds/<glyph>.svg."""

    MAIL = "mail"
    CRM = "crm"
    RECORD = "record"
    PHONE = "phone"
    TEXT = "text"
    ADS = "ads"
    FILE = "file"
    HAND = "hand"
    WEB = "web"


class Grain(StrEnum):
    """How finely the system can say no."""

    CATEGORY_CHANNEL = "by category and channel"
    CATEGORY = "by category"
    CHANNEL = "by channel"
    ADDRESS = "for a whole address"


class Items(StrEnum):
    """Does an answer tell the rows of a batch apart?"""

    EACH = "each person has an answer of their own"
    TOGETHER = "one bad record spoils the call: its halves are told alone, until it stands by itself"


class Confirms(StrEnum):
    """When the system says that it holds what it was told."""

    AT_ONCE = "at once"
    BY_JOB = "later, when it is asked about a job"
    BY_HAND = "when a person confirms it"
    NEVER = "never"


class Shows(StrEnum):
    """How what stands there can be read."""

    NOTHING = "it cannot be read"
    ONE = "one at a time"
    BATCH = "many with one call"
    EXPORT = "as a whole list"
    CHANGES = "what has changed since"


class BackIn(StrEnum):
    """What opting back in needs there. It is not the reverse of opting out."""

    FREE = "Heed writes it, where the yes is later than the no that stands there"
    OURS = "Heed takes back what it wrote itself; the rest is for people to lift there"
    DOUBLE_OPT_IN = "the person confirms an email from that system"
    HANDSET = "the person texts START from their phone"
    PATIENT = "the person does it there themselves"
    NEVER = "Heed puts nobody back"

    @property
    def reason(self) -> Reason:
        """How an opt-in ends that Heed cannot complete."""
        return STILL_NEEDED.get(self, Reason.NEEDS_PERSON)


STILL_NEEDED = {
    BackIn.DOUBLE_OPT_IN: Reason.TO_CONFIRM,
    BackIn.HANDSET: Reason.FROM_HANDSET,
    BackIn.PATIENT: Reason.BY_THEMSELVES,
}


class Stranger(StrEnum):
    """What happens where the system does not know the person."""

    SKIP = "nothing is made there; looked up again when they are known by more"
    CREATE = "a record is made"
    PARK = "the address is put on the list: it then holds for whoever comes"


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of each day in which the system takes changes, by its own clock; it may span midnight."""

    opens: time
    closes: time
    zone: str

    def next_opening(self, now: datetime) -> datetime:
        """`now` while it is open; else when it opens."""
        local = now.astimezone(ZoneInfo(self.zone))
        if self._is_open(local.time()):
            return now
        day: date = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        return datetime.combine(day, self.opens, ZoneInfo(self.zone)).astimezone(now.tzinfo)

    def _is_open(self, at: time) -> bool:
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes
