"""How a text of ours leaves: claimed, sent, settled, once.

A row is claimed in a commit of its own before anybody is called. Whoever finds a claim that was never settled
(its worker was killed, or no answer came) asks the vendor whether the text left before sending it again.
"""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone

from destinations import http, sealing, ways
from destinations.contract import Call, Job, Later, Reason, Refused, Settings, Stuck
from destinations.models import Inbound, OutgoingText
from destinations.services.listening import settings_of
from destinations.services.texting_out import USE, sends
from destinations.terms import TextPurpose, TextState
from destinations.vendors import VENDORS
from destinations.vendors.contract import Sent, Text
from preferences import selectors
from preferences.own_messages import denied, is_stopped
from preferences.services import Said, restrict
from preferences.terms import Actor, Channel, RestrictionKind

log = logging.getLogger(__name__)
CALLS_SECONDS, SEND_SECONDS = 10.0, 20.0
CLAIM = timedelta(seconds=30)  # longer than all calls about one text
MOST_TRIES, CHUNK = 6, 100


def texts_are_due(now: datetime) -> bool:
    return OutgoingText.objects.filter(due_at__lte=now).exists()


def send_due() -> int:
    """Send every text whose time has come; returns how many were tried. What is left has its turn next."""
    tried, end = 0, time.monotonic() + SEND_SECONDS
    while time.monotonic() < end and (text := _claim(timezone.now())):
        tried += 1
        _settle(text, _sent(text))
    return tried


@transaction.atomic
def _claim(now: datetime) -> OutgoingText | None:
    """The next one, taken by this worker. One that is of no use any more, or that may not go, is over."""
    waiting = OutgoingText.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=now)
    for text in waiting.select_related("connection__source").order_by("due_at")[:CHUNK]:
        if over := _over(text, now):
            _end(text, *over)
            continue
        unsure_since = text.begun_at
        text.state, text.tries, text.due_at = TextState.SENDING, text.tries + 1, now + CLAIM
        text.begun_at = unsure_since or now
        text.save(update_fields=["state", "tries", "due_at", "begun_at"])
        text.begun_at = unsure_since
        return text
    return None


def _over(text: OutgoingText, now: datetime) -> tuple[TextState, str] | None:
    """How it ends without a call, where it does."""
    unknown = "whether it left is not known" if text.begun_at else ""
    if text.tries >= MOST_TRIES or now >= text.until:
        return TextState.TOO_LATE, unknown or text.fault
    confirms = text.purpose == TextPurpose.STOP_CONFIRMED
    if confirms and not is_stopped(text.identifier_id):
        return TextState.DENIED, unknown or "the STOP was lifted meanwhile"
    if reason := denied(text.identifier_id, Channel.SMS, despite_stop=confirms):
        return TextState.DENIED, unknown or reason.label
    return None


def _sent(text: OutgoingText) -> Sent:
    """Outside of any transaction: it may take its time."""
    if not sends(text.connection):
        return Stuck(Reason.REJECTED_CONFIG, "the connection is not set up to send texts")
    number = selectors.plaintexts([text.identifier_id]).get(text.identifier_id)
    if number is None:
        return Stuck(Reason.REJECTED_DATA, "the number was forgotten")
    try:
        words = sealing.unseal(bytes(text.body or b""), USE).decode()
    except sealing.Unreadable:
        return Stuck(Reason.REJECTED_CONFIG, "its words cannot be read any more")
    reports = f"{django_settings.PUBLIC_URL}/inbound/{text.connection.source.slug}"
    named = OutgoingText.objects.filter(identifier_id=text.identifier_id).exclude(name="")
    others = frozenset(named.values_list("name", flat=True))
    return _called(text.connection, Text(number, words, reports, text.begun_at, others, text.sender))


def _called(connection: Inbound, text: Text) -> Sent:
    try:
        return _run(connection, text, settings_of(connection))
    except Refused as refused:
        return refused.outcome
    except http.NoAnswer as lost:
        return Later(Reason.NO_ANSWER, None, str(lost), unknown=lost.sent)
    except http.Blocked as blocked:
        return Stuck(Reason.BLOCKED, str(blocked))
    except Exception as fault:
        # An answer that nobody thought of must hold up no other text; its words may be about somebody.
        log.error("texts.broken", extra={"vendor": connection.vendor, "error": type(fault).__name__})
        return Later(Reason.BROKEN, None, type(fault).__name__, unknown=True)


def _run(connection: Inbound, text: Text, settings: Settings) -> Sent:
    vendor, deadline = VENDORS[connection.vendor], time.monotonic() + CALLS_SECONDS
    hosts = frozenset(django_settings.HEED_PRIVATE_HOSTS.get(connection.source.slug, ()))
    base = settings.values.get("base_url") or vendor.settings["base_url"].default
    way, steps, answer = http.Way(base, vendor.may_call, hosts), vendor.send(text, settings), None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            outcome: Sent = done.value
            return outcome
        if isinstance(step, Call):
            answer = ways.send(step, way, deadline)


@transaction.atomic
def _settle(claimed: OutgoingText, outcome: Sent) -> None:
    """Only while the claim is still ours: whoever took it over knows better."""
    mine = OutgoingText.objects.select_for_update(of=("self",)).select_related("connection__source")
    text = mine.filter(pk=claimed.pk, state=TextState.SENDING, tries=claimed.tries).first()
    if text is None:
        return
    match outcome:
        case Job(token=name):
            text.name = name
            _end(text, TextState.SENT)
        case Later():
            _try_later(text, outcome, unsure=outcome.unknown or claimed.begun_at is not None)
        case Stuck(detail=why, reason=reason):
            _end(text, TextState.FAILED, why or reason)
            log.error("texts.failed", extra={"text_row": text.pk, "reason": reason.value})
            if reason == Reason.NEEDS_PERSON and text.purpose != TextPurpose.STOP_CONFIRMED:
                _heed(text, why)


def _try_later(text: OutgoingText, later: Later, *, unsure: bool) -> None:
    """After what the vendor said, else 5 s, 10 s, 20 s …; never while a call of ours may still live."""
    wait = timedelta(seconds=2.5 * 2**text.tries if later.after is None else later.after)
    text.state, text.fault = (TextState.SENDING if unsure else TextState.WAITING), later.detail[:200]
    text.begun_at = text.begun_at if unsure else None
    text.due_at = timezone.now() + (max(wait, CLAIM) if later.unknown else wait)
    text.save(update_fields=["state", "fault", "begun_at", "due_at"])


def _end(text: OutgoingText, state: TextState, why: str = "") -> None:
    """Nothing more is done about it, so nobody needs its words."""
    text.state, text.fault, text.settled_at = state, why[:200], timezone.now()
    text.body, text.due_at, text.begun_at = None, None, None
    text.save(update_fields=["state", "fault", "settled_at", "body", "due_at", "begun_at", "name"])


def _heed(text: OutgoingText, why: str) -> None:
    """The vendor knows of a STOP that never came here: it counts from now."""
    evidence = {"vendor": text.connection.vendor, "event": why}
    said = Said(text.connection.source, Actor.VENDOR, timezone.now(), evidence)
    restrict(identifier_id=text.identifier_id, kind=RestrictionKind.STOP, said=said)
