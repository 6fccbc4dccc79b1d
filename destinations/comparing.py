"""Does a system hold what Heed says? Its own connector looks: reads are real, writes are held back.

The connector is told that Heed knows nothing, so it reads before it would write. What it would write then is
what is missing there; a denial that it finds where nobody said no to us stands only there.
"""

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from destinations import http, ways
from destinations.contract import (
    STILL_NEEDED,
    Answer,
    Call,
    Connector,
    Done,
    Field,
    Held,
    Job,
    Later,
    Outcome,
    Reason,
    Result,
    Settings,
    Stuck,
    Wanted,
)
from destinations.mapping.published import body_of
from destinations.models import Destination, Propagation
from destinations.payloads import would_tell
from destinations.sending import settings_for, way_to
from destinations.terms import Side
from preferences.clock import EPOCH

log = logging.getLogger(__name__)
ANSWERS, RESTRICTED = {"answer"}, {"all_out", "suppressed", "stop", "do_not_call"}
CALL_SECONDS, CALLS_MAX = 10.0, 500
CHUNK_SECONDS = 20.0  # all that is called for one chunk: well within the time that a task has
# Per destination, apart from what deliveries remember: a list that they read is older than what they wrote.
_memory: dict[int, dict[str, Any]] = {}
DOWN = {
    Reason.THROTTLED,
    Reason.UNAVAILABLE,
    Reason.NO_ANSWER,
    Reason.REJECTED_AUTH,
    Reason.REJECTED_CONFIG,
    Reason.BLOCKED,
}
READABLE = {
    Reason.NEEDS_PERSON,
    *STILL_NEEDED.values(),
}  # an opt-out of the system's own: that is what is looked for


@dataclass(frozen=True, slots=True)
class Differs:
    """One target about one identifier that stands otherwise there than here."""

    identifier_id: UUID
    target: str
    side: Side


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs, how many could not be looked at and why, and how many calls it took.

    `is_down`: nobody could be, and that is the system's fault, not theirs. `wait`: seconds until it may show
    them; it is still writing its list out. `left`: who had no turn before time was up.
    """

    differs: tuple[Differs, ...] = ()
    unread: int = 0
    why: str = ""
    calls: int = 0
    is_down: bool = False
    wait: float = 0.0
    left: frozenset[UUID] = frozenset()


def compare(destination: Destination, connector: Connector, ids: Collection[UUID], now: datetime) -> Compared:
    """Look at these identifiers at one system. Raises credentials.Unreadable."""
    told = would_tell(destination, connector, ids, now)
    every = _targets(destination, connector)
    names = _names(destination, ids)
    asked = {
        names[pk]: _Asked(pk, names[pk], each.content, every, now)
        for pk, each in told.items()
        if each.content["address"] or each.content["identifiers"]
    }
    if not asked:
        return Compared()
    values = settings_for(destination, connector).values
    run = _Run(destination, connector, Settings(values, memory_of(destination)))
    outcomes = run.outcomes([each.wanted for each in asked.values()])
    left = frozenset(each.pk for key, each in asked.items() if key not in outcomes)
    if jobs := [each.after for each in outcomes.values() if isinstance(each, Job)]:
        return Compared(calls=run.calls, wait=max(jobs))
    differs = [found for key, outcome in outcomes.items() for found in asked[key].differs(outcome)]
    unread = [reason for key, outcome in outcomes.items() if (reason := asked[key].unread(outcome))]
    down = [reason for reason in unread if reason in DOWN]
    why = next(iter(down), unread[0]).value if unread else ""
    is_down = bool(down) and len(unread) == len(outcomes)
    return Compared(tuple(differs), len(unread), why, run.calls, is_down, left=left)


def _names(destination: Destination, ids: Collection[UUID]) -> dict[UUID, str]:
    """How each is named there: by its propagation, which a vendor may know (FHIR's Consents do)."""
    rows = Propagation.objects.filter(destination=destination, identifier__in=ids)
    known = dict(rows.values_list("identifier_id", "id"))
    return {pk: str(known.get(pk, pk)) for pk in ids}


def memory_of(destination: Destination) -> dict[str, Any]:
    """What looking remembers between calls: a session, a list that was just read."""
    return _memory.setdefault(destination.pk, {})


def targets_of(destination: Destination) -> list[str]:
    """The targets where a no stands in words of ours."""
    rows = body_of(destination)["rows"]
    return [row["target"] for row in rows if row["source"].partition(":")[0] in ANSWERS | RESTRICTED]


def _targets(destination: Destination, connector: Connector) -> dict[str, Field]:
    """Every plain answer that the mapper writes: also where nobody was asked it is looked at what stands.

    Restrictions too, unless they are seen in the lists as a whole: those are long, and read one by one.
    """
    sources = ANSWERS if connector.lists_out else ANSWERS | RESTRICTED
    return {
        row["target"]: Field(False, denies=False, since=EPOCH)
        for row in body_of(destination)["rows"]
        if row["source"].partition(":")[0] in sources and not row.get("steps")
    }


class _Asked:
    """One row as it is looked at: nothing is known of it, and nothing would be lifted."""

    def __init__(
        self, pk: UUID, name: str, content: Mapping[str, Any], every: Mapping[str, Field], now: datetime
    ) -> None:
        self.pk = pk
        self.fields = {**every, **_looked_at(content["fields"])}
        fields_at = {at: {**every, **_looked_at(each)} for at, each in content["fields_at"].items()}
        looked = {**content, "fields": self.fields, "fields_at": fields_at}
        self.wanted = Wanted(id=name, counter=0, digest="", now=now, **looked)
        self.all_fields = (self.fields, *fields_at.values())

    def differs(self, outcome: Outcome) -> Iterator[Differs]:
        held: Mapping[str, Held] = getattr(outcome, "held", None) or {}
        for key, known in held.items():
            target = key if key in self.fields else key.partition(".")[2]
            denied = any(fields[target].denies for fields in self.all_fields if target in fields)
            if denied and known.wrote and known.before is False:
                yield Differs(self.pk, target, Side.MISSING_THERE)
            elif (
                not denied and not known.at and (known.seen or known.before)
            ):  # `at`: denied by another target
                yield Differs(self.pk, target, Side.ONLY_THERE)

    def unread(self, outcome: Outcome) -> Reason | None:
        """Why it is not known what stands there."""
        if isinstance(outcome, Later | Stuck) and outcome.reason not in READABLE:
            return outcome.reason
        # It would be written without having been looked at: the system shows no list as long as that.
        held = outcome.held if isinstance(outcome, Done) else None
        blind = any(each.wrote and each.before is None for each in (held or {}).values())
        return Reason.TOO_LONG if blind else None


def _looked_at(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Denials as they are; all else as a yes of long ago, which lifts nothing."""
    return {
        target: field if field.denies else replace(field, value=False, denies=False, since=EPOCH)
        for target, field in fields.items()
        if not field.fact
    }


class _Run:
    """The connector's generator, driven: real answers to what only reads, rehearsed ones to the rest."""

    def __init__(self, destination: Destination, connector: Connector, settings: Settings) -> None:
        self.connector, self.settings, self.calls = connector, settings, 0
        self.began = time.monotonic()
        self.end = self.began + CHUNK_SECONDS
        way = way_to(destination, connector)
        self.way = replace(way, may_call=connector.reads, only=connector.only_reads)

    def outcomes(self, batch: list[Wanted]) -> dict[str, Outcome]:
        """Of as many as there is time for, in their order.

        Where each takes calls of its own it is begun with one and doubled. Once anybody could be read none is
        begun after half of the time: the next takes about as long as all before it.
        """
        found: dict[str, Outcome] = {}
        size = 1 if self.connector.calls_a_row else len(batch)
        while len(found) < len(batch) and not self._is_half_over(found):
            part = batch[len(found) : len(found) + size]
            looked = self._part(part, is_first=not found)
            found |= looked
            if len(looked) < len(part):
                break
            size *= 2
        return found

    def _is_half_over(self, found: dict[str, Outcome]) -> bool:
        anybody = any(not isinstance(each, Later) for each in found.values())
        return anybody and time.monotonic() > self.began + CHUNK_SECONDS / 2

    def _part(self, batch: list[Wanted], *, is_first: bool) -> dict[str, Outcome]:
        """Whoever got no result before time was up is left out, and has their turn next."""
        found: dict[str, Outcome] = {}
        delivery = self.connector.deliver(batch, self.settings)
        answer: Answer | None = None
        fallback: Outcome = Stuck(Reason.BROKEN)
        try:
            for _ in range(CALLS_MAX + 3 * len(batch)):  # read, lifted and answered one by one, at worst
                step, answer = delivery.send(answer), None
                if isinstance(step, Result):
                    found[step.wanted.id] = step.outcome
                else:
                    answer = self._answer(step, batch[0])
        except StopIteration:
            pass
        except http.NoAnswer as lost:
            if time.monotonic() >= self.end and (found or not is_first):
                return _up_to_the_first_without(found, batch)
            fallback = Later(Reason.NO_ANSWER, detail=str(lost))
        except http.Blocked as blocked:
            fallback = Stuck(Reason.BLOCKED, str(blocked))
        except Exception as error:
            # As in `sending`: a connector's own fault keeps no other system from being compared.
            told = {"connector": self.connector.slug, "error": type(error).__name__}
            log.error("connector failed", extra=told)
        finally:
            delivery.close()
        return {each.id: found.get(each.id, fallback) for each in batch}

    def _answer(self, call: Call, wanted: Wanted) -> Answer:
        if not self.connector.only_reads(call):
            return self.connector.rehearse(call, wanted, self.settings)
        now = time.monotonic()
        if now >= self.end:
            raise http.NoAnswer("time was up", sent=False)
        self.calls += 1
        return ways.send(call, self.way, min(now + CALL_SECONDS, self.end))


def _up_to_the_first_without(found: Mapping[str, Outcome], batch: list[Wanted]) -> dict[str, Outcome]:
    """Who was looked at without a gap: the next chunk begins behind them."""
    looked = takewhile(lambda each: each.id in found, batch)
    return {each.id: found[each.id] for each in looked}
