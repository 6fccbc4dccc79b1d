"""Saves over HTTP, four connections: POST /v1/identify and the page's form, against an empty view."""

import re
import time
from collections.abc import Sequence
from itertools import count
from statistics import median
from urllib.parse import urlencode

from django.core.management import call_command

from portal.links import link_for
from preferences.models import Change
from tests.benchmarks import people
from tests.benchmarks.arriving import opt_out
from tests.benchmarks.client import Connection, in_parallel, request
from tests.benchmarks.comparing import Differs, Line, absolute, compared
from tests.benchmarks.people import MARKETING, Known
from tests.benchmarks.processes import gunicorn
from tests.benchmarks.scene import Scene

CONNECTIONS = 4
WARM_UP = 100  # calls, so that each thread of each worker has its database connection
# Saves a second on this machine, measured once: Django's ORM behind DRF, and two peers.
BARE_VIEW, C15T, FIDES = 235.0, 188.0, 59.0
FLOOR_APP = ["tests.benchmarks.floor_view:application"]


def run(scene: Scene) -> list[Line]:
    """Each side has a gunicorn of its own with the same settings; the one that is not asked is idle."""
    call_command("collectstatic", verbosity=0, interactive=False)
    each = scene.size(500, 20)
    known, key = people.settle(people.patients(WARM_UP + each * scene.rounds * 2)), people.api_key()
    parts = iter([known[start : start + each] for start in range(WARM_UP, len(known), each)])
    calls: list[tuple[float, float]] = []
    pages: list[tuple[float, float]] = []
    floor_environment = scene.environment | {"DJANGO_SETTINGS_MODULE": ""}
    with (
        gunicorn([], scene.environment, scene.directory) as web,
        gunicorn(FLOOR_APP, floor_environment, scene.directory, "floor") as bare,
    ):
        for port in (web, bare):
            _rate(port, [opt_out(who, key) for who in known[:WARM_UP]], 200)
        for _ in range(scene.rounds):
            made = [opt_out(who, key) for who in next(parts)]
            calls.append((_rate(web, made, 200), _rate(bare, made, 200)))
            filled = [_filled(web, who) for who in next(parts)]
            pages.append((_rate(web, filled, 303), _rate(bare, made, 200)))
    _all_recorded(known)
    lines = []
    for what, pairs in (("POST /v1/identify", calls), ("the page's form", pages)):
        lines.append(compared(f"{what}, {scene.on}", pairs, " req/s"))
        heed = [mine for mine, _ in pairs]
        lines.append(
            absolute(f"{what}: above DRF and Django's ORM alone", median(heed), heed, " req/s", BARE_VIEW)
        )
        lines.append(absolute(f"{what}: above c15t", median(heed), heed, " req/s", C15T))
        lines.append(absolute(f"{what}: above fides", median(heed), heed, " req/s", FIDES))
    return lines


def _rate(port: int, requests: Sequence[bytes], expected: int) -> float:
    """Answers a second."""
    turn = count()
    answered: list[int] = []

    def visitor() -> None:
        connection = Connection(port)
        while (number := next(turn)) < len(requests):
            answer = connection.send(requests[number])
            answered.append(answer.status)
            if answer.status != expected:
                raise Differs(f"HTTP {answer.status}: {answer.body[:300]!r}")
        connection.close()

    started = time.perf_counter()
    in_parallel(CONNECTIONS, visitor)
    took = time.perf_counter() - started
    if len(answered) != len(requests):
        raise Differs(f"{len(answered)} of {len(requests)} calls were answered")
    return len(requests) / took


def _filled(port: int, who: Known) -> bytes:
    """The form of somebody who opened their link, as their browser would send it."""
    connection = Connection(port)
    opened = connection.send(request("GET", link_for(who.profile_id), {}))
    cookies = "; ".join(re.findall(r"(?i)set-cookie: ([^;]+)", opened.head))
    page = connection.send(request("GET", "/p", {"Cookie": cookies}))
    connection.close()
    cookies = "; ".join([cookies, *re.findall(r"(?i)set-cookie: (csrftoken[^;]+)", page.head)])
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.body.decode()))
    body = urlencode({**hidden, f"choice.{'.'.join(MARKETING)}": "opted_out"}).encode()
    kind = "application/x-www-form-urlencoded"
    return request("POST", "/p", {"Content-Type": kind, "Cookie": cookies}, body)


def _all_recorded(known: Sequence[Known]) -> None:
    """Each save stands in the ledger: who was known by one change, now has two."""
    saved = Change.objects.filter(seq=2, subject_id__in=[each.profile_id for each in known]).count()
    if saved != len(known):
        raise Differs(f"{saved} of {len(known)} saves are in the ledger")
