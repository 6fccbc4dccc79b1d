"""What was recorded, entry by entry, as the person reads it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.foreign import texts_of
from portal.wording import channel_name, day, listed, way
from preferences.catalogue import Catalogue
from preferences.terms import ANY, RestrictionKind, State, Verified

Entry = Mapping[str, Any]

WHY_NOT = {
    "no_date": gettext_lazy("We do not know when you said it."),
    "not_offered": gettext_lazy("We do not send these this way."),
    "not_the_person": gettext_lazy("We need to hear it from you."),
    "no_notice": gettext_lazy("You had not seen what it means."),
    "no_second_step": gettext_lazy("You did not confirm it."),
    "no_grant": gettext_lazy("They were not allowed to choose this for you."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said: about what, and what. `note`: why it does not count, where it does not."""

    what: str
    answer: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Naming:
    """What lines are told with: the categories in one language, and the person's own addresses, masked."""

    catalogue: Catalogue
    language: str
    masked: Mapping[UUID, str] = field(default_factory=dict)

    def category(self, slug: str) -> str:
        return texts_of(self.catalogue.category(slug), self.language).name

    def address(self, pk: UUID | str) -> str:
        return self.masked.get(UUID(str(pk)), "") or _("an email or phone of yours")


def line(entry: Entry, naming: Naming, subject: UUID) -> Line | None:
    """One entry about a person or an address; None for what tells the person nothing."""
    match entry["do"]:
        case "choice":
            return Line(what(entry, naming), answer(entry), _uncounted(entry))
        case "pause":
            return Line(naming.category(entry["category"]), paused(entry))
        case "restriction":
            return _restriction(entry, naming, subject)
        case "spared":
            return Line(what(entry, naming), _("Goes on after STOP"))
        case "order":
            return _order(entry, naming)
        case "holding":
            return _corrected(entry, naming)
    return _about_the_person(entry)


def _about_the_person(entry: Entry) -> Line | None:
    match entry["do"]:
        case "proxy":
            until = _("Yes, until {date}").format(date=day(entry["until"]))
            return Line(_("Someone else may choose for you"), until)
        case "proxy_end":
            return Line(_("Someone else may choose for you"), _("No longer"))
        case "links_off":
            return Line(_("Links to your page in older messages"), _("Switched off to protect you"))
        case "deceased":
            return Line(_("Our records say that you have died"), _("Yes") if entry["set"] else _("No"))
    return None


def what(entry: Entry, naming: Naming) -> str:
    """What a choice is about."""
    everything = entry["category"] == ANY
    name = _("All messages that we don’t have to send") if everything else naming.category(entry["category"])
    if entry["channel"] in ("", ANY):
        return name
    return format_html(_("{category}: {channel}"), category=name, channel=channel_name(entry["channel"]))


def answer(entry: Entry) -> str:
    return _("Yes") if entry["state"] == State.IN else _("No")


def paused(entry: Entry) -> str:
    """A pause, or its end."""
    if entry["until"] <= entry["from"]:
        return _("The pause is over")
    return _("Paused until {date}").format(date=day(entry["until"]))


def _uncounted(entry: Entry) -> str:
    if entry.get("counted", True):
        return ""
    why = WHY_NOT.get(entry.get("why", ""), "")
    return " ".join(filter(None, [_("This yes does not count."), str(why)]))


def _restriction(entry: Entry, naming: Naming, subject: UUID) -> Line:
    about = {
        RestrictionKind.STOP: _("Texts to {address}"),
        RestrictionKind.DO_NOT_CALL: _("Calls to {address}"),
    }.get(entry["kind"], _("Messages to {address}")).format(address=naming.address(subject))
    if entry["category"] != ANY:
        name = naming.category(entry["category"])
        about = format_html(_("{category}: {channel}"), category=name, channel=about)
    if entry["set"]:
        return Line(about, "STOP" if entry["kind"] == RestrictionKind.STOP else _("No"))
    return Line(about, "START" if entry["kind"] == RestrictionKind.STOP else _("No longer off"))


def _corrected(entry: Entry, naming: Naming) -> Line | None:
    """What the person said of an address of theirs; not what lists say of it, nor an order."""
    if entry.get("disowned"):
        return Line(naming.address(entry["identifier"]), _("No longer yours"))
    if entry.get("verified") == Verified.CODE and not entry.get("confidential"):
        return Line(naming.address(entry["identifier"]), _("Yours, confirmed by a code"))
    return None


def _order(entry: Entry, naming: Naming) -> Line:
    if not entry["set"]:
        return Line(_("Reach me in this way only"), _("No longer"))
    ways = [way(channel, naming.address(pk) if pk else "") for channel, pk in entry["allowed"]]
    about = _("Reach me in this way only") if len(ways) == 1 else _("Reach me only in these ways")
    return Line(about, listed(ways))
