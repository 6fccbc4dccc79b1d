"""Everything that an operator would look at, in one go: each finding in words, with what to do.

Nothing here names a person: numbers, systems and reasons only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core import checks
from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from django_q.brokers import get_broker

from config import health
from config.checks import heed_keys, secret_key
from destinations import alarms, circuit, clocks, credentials
from destinations.connectors import CONNECTORS
from destinations.models import Approval, Destination, ManualTask, Propagation
from destinations.selectors import troubled
from destinations.terms import REASONS, REMEDIES, DestinationState, Mail
from destinations.untold import REMEDY, untold
from governance.selectors import broken_rules
from portal.models import Code
from portal.sending import NO_FAULT_OF_THE_MAIL
from preferences import keys
from preferences.models import DataKey, Outbox
from preferences.terms import IdentifierKind
from preferences.verify_lists import verify_some

OUTBOX_SLOW, OUTBOX_STANDS = timedelta(minutes=1), timedelta(minutes=10)
WAITS_LONG = timedelta(days=2)
MIGRATE = "Run `manage.py migrate`."
CORRECT_MAIL = "Correct EMAIL_URL, restart `manage.py qcluster`, and try with `manage.py sendtestemail`."
LATELY = timedelta(hours=1)
WORKER = "Start `manage.py qcluster` (the whole process group), or look at its log."


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    level: Level
    words: str
    remedy: str = ""


Found = Iterator[Finding]


def examine() -> list[Finding]:
    """Look at everything; what can't be looked at is a finding too. Without keys nothing else can be."""
    if unset := [*secret_key(), *heed_keys()]:
        return [Finding("settings", Level.WRONG, f"{each.id}: {each.msg}", each.hint or "") for each in unset]
    found: list[Finding] = []
    for name, look in LOOKS.items():
        try:
            seen = list(look())
        except DatabaseError as error:
            words = f"could not be looked at ({type(error).__name__})"
            seen = [Finding(name, Level.WRONG, words, "Put the database right first.")]
        found += seen or [Finding(name, Level.OK, "nothing to say")]
    return found


def _probe(name: str, look: Callable[[], health.Finding], remedy: str) -> Callable[[], Found]:
    def looked() -> Found:
        found = look()
        yield Finding(name, *((Level.OK, found.detail) if found.ok else (Level.WRONG, found.detail, remedy)))

    return looked


def _system_checks() -> Found:
    for each in checks.run_checks(include_deployment_checks=not settings.DEBUG, databases=["default"]):
        level = Level.WRONG if each.level >= checks.ERROR else Level.WARN
        yield Finding("settings", level, f"{each.id}: {each.msg}", each.hint or "")


def _keys() -> Found:
    known = {key.id for key in keys.parse_keys(settings.HEED_KEYS)}
    used = set(DataKey.objects.values_list("key_id", flat=True).distinct())
    if missing := used - known:
        words = f"what was written under {', '.join(sorted(missing))} can't be read"
        yield Finding(
            "keys", Level.WRONG, words, "Put these keys back into HEED_KEYS, after the current one."
        )
    else:
        yield Finding("keys", Level.OK, f"{len(known)} known, all that is written can be read")
    for system in Destination.objects.order_by("slug"):
        try:
            credentials.unlock(bytes(system.secrets))
        except credentials.Unreadable:
            words = f"the credentials of {system.name} can't be read"
            yield Finding("keys", Level.WRONG, words, "Enter them again on its page.")


def _broker() -> Found:
    try:
        broker = get_broker()
        answers, waiting = broker.ping(), broker.queue_size()
    except Exception as error:  # whatever a broker's own library raises
        words = f"does not answer ({type(error).__name__})"
        yield Finding("broker", Level.WRONG, words, "Start Redis, or correct REDIS_URL. Nothing is lost.")
        return
    if answers:
        yield Finding("broker", Level.OK, f"answers, {waiting} tasks wait")
    else:
        yield Finding("broker", Level.WRONG, "does not answer", "Start Redis, or correct REDIS_URL.")


def _outbox() -> Found:
    oldest: datetime | None = Outbox.objects.aggregate(oldest=Min("created_at"))["oldest"]
    if oldest is None:
        yield Finding("outbox", Level.OK, "empty")
        return
    age = timezone.now() - oldest
    words = f"{Outbox.objects.count():,} changes to hand over, the oldest for {age.total_seconds():.0f} s"
    level = Level.WRONG if age > OUTBOX_STANDS else Level.WARN if age > OUTBOX_SLOW else Level.OK
    yield Finding("outbox", level, words, "" if level == Level.OK else WORKER)


def _lists() -> Found:
    some = verify_some()
    if some.wrong:
        words = f"{len(some.wrong):,} of {some.identifiers:,} looked at are listed wrongly as out or not"
        yield Finding("lists", Level.WRONG, words, "Run `manage.py verify_lists --mend`.")
    else:
        yield Finding("lists", Level.OK, f"{some.identifiers:,} compared with decisions")


def _lacks_agreement(system: Destination) -> bool:
    """Systems to which no health information may ever go need none."""
    connector = CONNECTORS.get(system.connector)
    return not system.agreement and (connector is None or connector.health_information)


def _systems() -> Found:
    now = timezone.now()
    for system in Destination.objects.order_by("slug"):
        if system.connector not in CONNECTORS:
            words = f"{system.name}: there is no connector {system.connector!r} any more"
            yield Finding(
                "systems", Level.WRONG, words, "Install the version that has it, or pause the system."
            )
        if system.state == DestinationState.LIVE and _lacks_agreement(system):
            words = f"{system.name} is live without an agreement on record"
            yield Finding(
                "systems", Level.WRONG, words, "Record the agreement (BAA) on its page, or pause it."
            )
        if circuit.circuit(system, now) != circuit.Circuit.CLOSED:
            words, remedy = circuit.in_words(system, now), REMEDIES.get(system.failing_reason, "")
            yield Finding("systems", Level.WARN, f"{system.name} does not answer. {words}", remedy)


def _told() -> Found:
    for words in untold():
        yield Finding("told", Level.WARN, f"no live system is told of {words}", REMEDY)


def _waiting() -> Found:
    held = Propagation.objects.filter(denied_at__isnull=False).exclude(
        destination__state=DestinationState.LIVE
    )
    for name, state, count in held.values_list("destination__name", "destination__state").annotate(
        count=Count("pk")
    ):
        words = f"{name} is {DestinationState(state).label.lower()}: {count:,} opt-outs wait for it"
        yield Finding("opt-outs", Level.WARN, words, "Let it go live, or make sure that it contacts nobody.")


def _stuck() -> Found:
    groups = troubled().values_list("destination__name", "reason").annotate(count=Count("pk"))
    for name, reason, count in groups.order_by("-count"):
        words = f"{name}: {count:,} stuck. {REASONS.get(reason, reason)}"
        yield Finding("stuck", Level.WARN, words, REMEDIES.get(reason, ""))


def _deadlines() -> Found:
    now, running = timezone.now(), clocks.open_clocks()
    remedy = "Look at “What is stuck” and at the systems named under “Deadlines”."
    for level, words, which in (
        (Level.WRONG, "missed", clocks.missed(now)),
        (Level.WARN, "near", clocks.near(now)),
    ):
        if count := running.filter(which).count():
            yield Finding("deadlines", level, f"{count:,} {words}", remedy)


def _mail() -> Found:
    failed = alarms.open_alarms().filter(mail=Mail.FAILED)
    for why, count in failed.order_by("mail_detail").values_list("mail_detail").annotate(count=Count("pk")):
        words = f"{count} alarm{'s'[: count != 1]} could not be mailed ({why}): tried again within the hour"
        yield Finding("mail", Level.WRONG, words, CORRECT_MAIL)
    unsent = Code.objects.filter(kind=IdentifierKind.EMAIL, created_at__gt=timezone.now() - LATELY)
    faults = unsent.filter(sends__gt=0, sent_at__isnull=True).exclude(fault__in=("", *NO_FAULT_OF_THE_MAIL))
    for why, count in faults.order_by("fault").values_list("fault").annotate(count=Count("pk")):
        codes = "1 code" if count == 1 else f"{count:,} codes"
        words = f"{codes} that people asked for in the last hour could not be mailed ({why})"
        yield Finding("mail", Level.WRONG, words, CORRECT_MAIL)


def _people() -> Found:
    since = timezone.now() - WAITS_LONG
    if count := Approval.objects.filter(settled_at__isnull=True, asked_at__lt=since).count():
        words = f"{count} acts wait for a second person for more than two days"
        yield Finding("people", Level.WARN, words, "Agree or refuse under “What is stuck”.")
    if count := ManualTask.objects.filter(done_at__isnull=True, created_at__lt=since).count():
        words = f"{count} manual tasks are open for more than two days"
        yield Finding("people", Level.WARN, words, "Ask whoever has them; they stand under “What is stuck”.")


def _policy() -> Found:
    for broken in broken_rules():
        level = Level.WRONG if broken.blocks else Level.WARN
        yield Finding(
            "policy", level, broken.words, "Alter that rule, or turn it off, and publish the policy."
        )


LOOKS: dict[str, Callable[[], Found]] = {
    "database": _probe("database", health.database, "Start it, or correct DATABASE_URL."),
    "migrations": _probe("migrations", health.migrations, MIGRATE),
    "ledger": _probe(
        "ledger", health.ledger, "See heed.E004 in the runbook, then run `manage.py verify_ledger`."
    ),
    "settings": _system_checks,
    "keys": _keys,
    "broker": _broker,
    "worker": _probe("worker", health.worker, WORKER),
    "outbox": _outbox,
    "lists": _lists,
    "systems": _systems,
    "told": _told,
    "opt-outs": _waiting,
    "stuck": _stuck,
    "deadlines": _deadlines,
    "mail": _mail,
    "people": _people,
    "policy": _policy,
}
