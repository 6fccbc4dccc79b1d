"""What the preference page says: in one place, because the exact wording shown is kept with each choice.

`{organisation}` is filled in for everyone; other braces where the sentence is used. Plain words: a reading
age of about eleven.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache, reduce
from hashlib import sha256
from typing import Any

import rfc8785
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from preferences.appearance import organisation
from preferences.catalogue import catalogue_at
from preferences.clock import instant
from preferences.languages import ENGLISH
from preferences.terms import Channel

Words = Mapping[str, str]

PAGE: dict[str, str | Promise] = {
    "title": _("Choose what we send you"),
    "lead": _(
        "You decide which messages you get from {organisation}, and how. You can change your mind at any "
        "time."
    ),
    "care": _("Your choices never change the care you get."),
    "for_address": _("This page is for {address}"),
    "shared": _("On a shared phone or computer? Close this page when you are done."),
    "reach": _("How we reach you now"),
    "no_address": _("we have none for you"),
    "came_back": _("What we sent to {address} came back on {date}. Is it still yours?"),
    "to_stop": _("Go to “Stop everything”"),
    "messages": _("Messages"),
    "not_offered": _("Not sent this way"),
    "mentioned": _("You came from one of these"),
    "example": _("For example: {example}"),
    "legend": _("{category}: {channel}"),
    "yes": _("Yes"),
    "no": _("No"),
    "data": _("How we use your information"),
    "data_lead": _("This is about your information, not about messages."),
    "data_question": _("Is this OK with you?"),
    # Titles of the law (Cal. Civ. Code 1798.135), each with a question that yes and no answer plainly.
    "sale_or_sharing": _("Do not sell or share my personal information"),
    "sale_or_sharing_question": _("May we sell or share your information?"),
    "sensitive_data": _("Limit the use of my sensitive personal information"),
    "sensitive_data_question": _("May we use this information for more than your care?"),
    "data_twice": _("If you say yes, we ask you once more to be sure."),
    "save": _("Save my choices"),
    "stop_heading": _("Too many messages?"),
    "stop": _("Stop everything you don’t need to send me"),
    "stop_means": _("This says no to every message above, in every way we send it, now and later."),
    "stop_except": _("Only messages marked “Always sent” still come."),
    "stop_data": _("It does not change how we use your information."),
    "confirm_title": _("Are you sure?"),
    "confirm_lead": _("You said yes to this. Nothing about it changes until you confirm."),
    "confirm_undo": _("If you undo your no, we may do this again. Nothing changes until you confirm."),
    "confirm_yes": _("Yes, I am sure"),
    "confirm_no": _("No, leave it as it is"),
    "look_again": _(
        "You chose yes, and we did not save it: something here has changed since you opened this page. "
        "Please read it and choose again."
    ),
    # where a choice stands
    "unasked_in": _("We have not asked you yet. We send these unless you say no."),
    "unasked_out": _("We have not asked you yet. We do not send these unless you say yes."),
    "unasked_use_in": _("We have not asked you yet. We do this unless you say no."),
    "unasked_use_out": _("We have not asked you yet. We do not do this unless you say yes."),
    "said_yes": _("You said yes on {date}."),
    "said_no": _("You said no on {date}."),
    "paused": _("You paused these until {date}."),
    "pause": _("Pause these"),
    "pause_means": _(
        "We send you none of these for that long. Then what you chose here counts again. You do not have to "
        "do anything. You can end the pause at any time."
    ),
    "pause_days": _("For {days} days"),
    "pause_end": _("End the pause now"),
    "pause_newer": _(
        "We did not end this pause: it has changed since you opened this page. Please read it and choose "
        "again."
    ),
    "signal": _("Opt-out request honored: your browser sends a privacy signal that says no to this."),
    "signal_overruled": _("You said yes to this, though your browser sends a privacy signal that says no."),
    "signal_despite": _(
        "Your browser sends a privacy signal that says no to this. If you confirm, your yes here counts all "
        "the same, until you say no."
    ),
    # what nobody can choose here, why, and what helps
    "always": _("Always sent"),
    "off": _("Off"),
    "stop_from": _("Off: STOP was sent to us from {address}."),
    "stop_from_remedy": _(
        "To get texts at {address} again, text START from that phone to the number our texts came from."
    ),
    "do_not_call": _("Off: {address} is on our do-not-call list."),
    "do_not_call_remedy": _("To get calls at {address} again, contact us."),
    "suppressed": _("Off: we were asked not to use {address} for this."),
    "suppressed_remedy": _("To let us use {address} again, contact us."),
    "unread": _("Off for now: we got a text from {address} and must read it first."),
    "unread_remedy": _(
        "Until we have read it, we send no texts to {address}. You do not have to do anything. If you need "
        "our texts soon, contact us."
    ),
    "suppressed_use": _("Off: we were asked not to do this."),
    "suppressed_use_remedy": _("To change what is off below, contact us."),
    "order": _("Off: you asked us to reach you in another way only."),
    "order_remedy": _("To change how we may reach you, contact us."),
    "deceased": _("Off: our records say that this person has died."),
    "deceased_remedy": _("Our records say that this person has died. If that is wrong, please contact us."),
    # what a yes means where the law asks for it in writing (47 CFR 64.1200(f)(9))
    "consent": _(
        "If you say yes, you agree that {organisation} may call or text you about this at {address}, also "
        "with automatic dialing and recorded voices. You do not have to say yes to get care or to buy "
        "anything. Message and data rates may apply. You can stop at any time: say no here, reply STOP to a "
        "text, or tell the caller."
    ),
    "consent_no_address": _("the number you give us"),
}

CHANNELS: dict[str, str | Promise] = {
    Channel.EMAIL: _("Email"),
    Channel.SMS: _("Text message"),
    Channel.PHONE: _("Phone call"),
    Channel.MAIL: _("Letter"),
    Channel.PUSH: _("App message"),
}


def language() -> str:
    """The language this page is shown in."""
    return get_language() or settings.LANGUAGE_CODE


def words() -> Words:
    """Every text of the page, in the language of this request."""
    return _words(organisation())


def _words(name: str) -> Words:
    return {key: str(text).replace("{organisation}", name) for key, text in PAGE.items()}


def day(moment: int) -> str:
    """The day of a moment (µs), as people here write it."""
    return date_format(timezone.localtime(instant(moment)), "DATE_FORMAT")


def channel_name(channel: str) -> str:
    return str(CHANNELS.get(channel, ""))


def listed(parts: Iterable[str]) -> str:
    """One after another; each language has a comma of its own."""
    found = [*parts]
    return reduce(_with_comma, found) if found else ""


def _with_comma(before: str, after: str) -> str:
    return str(_("{before}, {after}")).format(before=before, after=after)


def way(channel: str, address: str) -> str:
    """A channel, and the address that it goes to; each language says how they stand side by side."""
    name = channel_name(channel)
    return str(_("{channel} {address}")).format(channel=name, address=address) if address else name


def reached_at(who: str, addresses: Iterable[str]) -> str:
    """Somebody without a name, by how they are reached, where we know that."""
    known = listed(addresses)
    return str(_("{who} ({address})")).format(who=who, address=known) if known else who


@dataclass(frozen=True, slots=True)
class Notice:
    """A wording, word for word, with the SHA-256 of its RFC 8785 JSON."""

    body: Mapping[str, Any]
    digest: bytes

    @property
    def short(self) -> str:
        """What a form carries to say that it showed this."""
        return self.digest.hex()[:16]


def notice(version: int) -> Notice:
    """The wording shown with the categories as published up to a version."""
    return _notice(version, language(), organisation())


def shown_by(form: str) -> Notice | None:
    """The wording that a form showed, in whichever language that was; None where nobody can tell any more."""
    version, _, digest = form.partition("-")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return None
    for code in dict(settings.LANGUAGES):
        wording = _notice(int(version), code, organisation())
        if wording.short == digest:
            return wording
    return None


@lru_cache(maxsize=64)
def _notice(version: int, shown_in: str, name: str) -> Notice:
    with override(shown_in):
        body: dict[str, Any] = {
            "language": shown_in,
            "page": dict(_words(name)),
            "channels": {channel.value: channel_name(channel) for channel in Channel},
            "categories": [
                {
                    "slug": each.slug,
                    "channels": list(each.channels),
                    **asdict(each.in_(shown_in)),
                    **({} if shown_in in each.texts else {"language": ENGLISH}),
                }
                for each in catalogue_at(version)
                if not each.retired
            ],
        }
    return Notice(body, sha256(rfc8785.dumps(body)).digest())
