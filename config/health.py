"""Whether this process, and what it stands on, can serve.

/healthz: the process answers. /readyz: 503 when Heed can't keep what it is told (database,
migrations, ledger). A silent worker is told, but closes no door: opt-outs must still be taken (see
docs/decisions/0012-a-silent-worker-closes-no-door.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import wiring

SILENT_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe found, in words for an operator."""

    ok: bool
    detail: str


def database() -> Finding:
    """Does the database answer?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(True, "answers")


def migrations() -> Finding:
    """Is the schema the one that this code expects?"""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Finding(not pending, f"{len(pending)} to apply: run manage.py migrate" if pending else "applied")


def ledger() -> Finding:
    """Does the database itself refuse changes to the ledger?"""
    missing = wiring.missing_triggers()
    return Finding(not missing, f"triggers missing: {', '.join(missing)}" if missing else "append-only")


def worker() -> Finding:
    """Does the background work move?"""
    beat = wiring.last_heartbeat()
    if beat is None:
        return Finding(False, "no heartbeat yet: is qcluster running?")
    age = timezone.now() - beat
    return Finding(age < SILENT_AFTER, f"last heartbeat {age.total_seconds():.0f} s ago")


NEEDED: dict[str, Callable[[], Finding]] = {"database": database, "migrations": migrations, "ledger": ledger}
WATCHED: dict[str, Callable[[], Finding]] = {"worker": worker}


def _ask(probe: Callable[[], Finding]) -> Finding:
    try:
        return probe()
    except DatabaseError as problem:
        return Finding(False, f"the database does not answer ({type(problem).__name__})")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """`ready`, `degraded` (it serves, but something wants looking after) or `unavailable` (503)."""
    needed = {name: _ask(probe) for name, probe in NEEDED.items()}
    watched = {name: _ask(probe) for name, probe in WATCHED.items()}
    serves, well = _all_ok(needed), _all_ok(watched)
    status = "unavailable" if not serves else "ready" if well else "degraded"
    found = {
        name: {"ok": finding.ok, "detail": finding.detail} for name, finding in (needed | watched).items()
    }
    return JsonResponse({"status": status, "checks": found}, status=200 if serves else 503)


def _all_ok(findings: dict[str, Finding]) -> bool:
    return all(finding.ok for finding in findings.values())
