"""Systems that tell nobody are asked, once a minute, for what has changed since."""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from destinations import credentials, http, pacing, ways
from destinations.connectors import CONNECTORS
from destinations.contract import Answer, Call, Refused
from destinations.models import Destination, Inbound
from destinations.sending import settings_for, way_to
from destinations.services.hearing import keep, note_refused
from destinations.vendors import VENDORS
from destinations.vendors.contract import Item, Poll

log = logging.getLogger(__name__)
POLL_SECONDS = 20.0
BEGUN = " begun"  # after a cursor: it was asked from there, and not to the end
POLLING = [slug for slug, vendor in VENDORS.items() if vendor.polls]


def there_is_somebody_to_ask() -> bool:
    return Destination.objects.filter(source__in=_asked().values("source")).exists()


def _asked() -> QuerySet[Inbound]:
    return Inbound.objects.filter(vendor__in=POLLING, source__is_active=True)


def ask_all(now: datetime) -> int:
    """Ask each of them; returns how many events were new. One that fails keeps nobody from the next."""
    return sum(_ask(inbound, now) for inbound in _asked())


def _ask(inbound: Inbound, now: datetime) -> int:
    system = Destination.objects.filter(source=inbound.source_id, connector__in=list(CONNECTORS)).first()
    if system is None or not _has_a_call_left(system, now):
        return 0
    run = _Run(inbound, http.Way("", ()), now)
    try:
        connector = CONNECTORS[system.connector]
        run.way = way_to(system, connector)
        settings, since = settings_for(system, connector), inbound.cursor.removesuffix(BEGUN)
        unsure = inbound.cursor.endswith(BEGUN)
        Inbound.objects.filter(pk=inbound.pk, cursor=inbound.cursor).update(cursor=since + BEGUN)
        cursor = run.through(VENDORS[inbound.vendor].poll(since, settings, now, unsure=unsure))
        # Another worker that asked meanwhile has moved on by itself.
        Inbound.objects.filter(pk=inbound.pk, cursor=since + BEGUN).update(cursor=cursor)
    except Refused as refused:
        run.failed(f"it was asked and did not say: {refused.outcome.reason}")
    except http.NoAnswer:
        run.failed("it was asked and did not answer")
    except (http.Blocked, credentials.Unreadable):
        run.failed("it cannot be asked: test its connection")
    with transaction.atomic():
        pacing.charge(system, run.calls, now)
    return run.new


@transaction.atomic
def _has_a_call_left(system: Destination, now: datetime) -> bool:
    """The last part of an account's calls is for telling opt-outs."""
    room = pacing.allowed(system, CONNECTORS[system.connector], 1, now)
    return room.rows > 0 and not room.denials_only


@dataclass(slots=True)
class _Run:
    """One conversation: what came is kept before the next call, for it may be told only once."""

    inbound: Inbound
    way: http.Way
    now: datetime
    items: list[Item] = field(default_factory=list)
    calls: int = 0
    new: int = 0

    def through(self, steps: Poll) -> str:
        """Returns the cursor. Raises Refused, NoAnswer, Blocked."""
        deadline = time.monotonic() + POLL_SECONDS
        answer: Answer | None = None
        try:
            while True:
                step, answer = steps.send(answer), None
                if isinstance(step, Item):
                    self.items.append(step)
                elif isinstance(step, Call):
                    self.kept()
                    self.calls += 1
                    answer = ways.send(step, self.way, deadline)
        except StopIteration as done:
            return str(done.value)
        finally:
            steps.close()
            self.kept()

    def kept(self) -> None:
        if self.items:
            self.new += keep(inbound=self.inbound, items=self.items, now=self.now)
            self.items = []

    def failed(self, why: str) -> None:
        log.warning("inbound.not_asked", extra={"source": self.inbound.pk, "why": why})
        note_refused(inbound=self.inbound, why=why, now=self.now)
