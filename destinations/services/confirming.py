"""The one text that may follow a STOP, and what an answer to it leaves out (47 CFR 64.1200(a)(12)).

Sent within five minutes, without marketing; it may ask which kinds were meant. Without an answer all
stays off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from destinations.models import Inbound, OutgoingText
from destinations.services.listening import settings_of
from destinations.services.texting_out import send, sends
from destinations.terms import TextPurpose, TextState
from destinations.texts.answers import kept
from preferences import selectors
from preferences.appearance import offered, organisation
from preferences.catalogue import Category, catalogue
from preferences.languages import ENGLISH
from preferences.own_messages import is_stopped, missed
from preferences.services import Said, spare
from preferences.terms import Channel

FIVE_MINUTES, ANSWERS_COME_WITHIN = timedelta(minutes=5), timedelta(days=1)
MOST_OFFERED = 4  # what two parts of a text hold
LEFT = [TextState.SENDING, TextState.SENT, TextState.DELIVERED]


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's phone, and the number of ours that it texts to."""

    phone: UUID
    connection: Inbound
    to: str

    @property
    def may_be_confirmed(self) -> bool:
        """Where staff said so; and only of a text: what came by WhatsApp is answered there."""
        wanted = sends(self.connection) and settings_of(self.connection).values.get("confirms_stop")
        return bool(wanted) and ":" not in self.to


def confirm(line: Line, received_at: datetime) -> None:
    """Have a STOP that has just been recorded confirmed. Heard more than five minutes ago it is no more."""
    until = received_at + FIVE_MINUTES
    if timezone.now() >= until or not line.may_be_confirmed:
        return
    kinds = _offered(line.phone)
    send(
        phone=line.phone,
        words=_words(kinds, _language(line.phone)),
        purpose=TextPurpose.STOP_CONFIRMED,
        key=f"{line.phone} {received_at.isoformat()}",
        until=until,
        connection=line.connection,
        sender=line.to,
        offered=[each.slug for each in kinds],
    )


def answered(line: Line, text: str, at: datetime) -> tuple[str, ...]:
    """Which kinds an answer plainly keeps, where a STOP stands and was asked about a day ago at most."""
    asked = OutgoingText.objects.filter(
        identifier_id=line.phone,
        connection=line.connection,
        sender=line.to,
        purpose=TextPurpose.STOP_CONFIRMED,
    )
    lately = asked.filter(state__in=LEFT, created_at__lte=at, created_at__gt=at - ANSWERS_COME_WITHIN)
    question = lately.order_by("-id").first()
    if question is None or not question.offered or not is_stopped(line.phone):
        return ()
    return kept(text, question.offered)


def keep(line: Line, kinds: Sequence[str], said: Said) -> str:
    """Leave these kinds out of the STOP, as its own change; in words."""
    spare(identifier_id=line.phone, categories=kinds, said=said)
    return f"STOP goes on, but not for {', '.join(kinds)}"


def _offered(phone: UUID) -> list[Category]:
    """What they would get without the STOP: no marketing, and nothing whose name tells of a condition."""
    plain = [
        each
        for each in catalogue()
        if each.in_use(Channel.SMS) and not (each.marketing or each.sensitive or each.required)
    ]
    welcome = set(missed(phone, plain, Channel.SMS))
    return [each for each in plain if each.slug in welcome][:MOST_OFFERED]


def _language(phone: UUID) -> str:
    """What everybody who holds the number reads, where that is one language."""
    holders = selectors.holders([phone]).get(phone, {})
    spoken = {person.language for person in selectors.people(holders).values()}
    return spoken.pop() if len(spoken) == 1 else ""


def _words(kinds: Sequence[Category], language: str) -> str:
    known = language if language in offered() else ENGLISH
    with override(known):
        listed = ", ".join(f"{number} {each.in_(known).name}" for number, each in enumerate(kinds, 1))
        if not listed:
            return _("%(organisation)s: you will get no more texts from us.") % {
                "organisation": organisation()
            }
        return _(
            "%(organisation)s: you will get no more texts from us. To keep some, reply with their numbers: "
            "%(listed)s. No reply: you get none."
        ) % {"organisation": organisation(), "listed": listed}
