"""How long the server takes for a patient's page, with 100,000 people known: one visitor after another."""

import random
import re
import time
from statistics import median

from django.core.management import call_command

from portal.links import link_for
from tests.benchmarks import people
from tests.benchmarks.client import Connection, request
from tests.benchmarks.comparing import Differs, Line, absolute
from tests.benchmarks.people import Known
from tests.benchmarks.processes import gunicorn
from tests.benchmarks.scene import Scene

MILLISECONDS = 30.0  # the median, at most
LOOKS = 3  # at the same page, one after another


def run(scene: Scene) -> list[Line]:
    """Each visitor opens their link; their looks at the page that it leads to are timed, to the last byte."""
    call_command("collectstatic", verbosity=0, interactive=False)
    known = people.settle(people.patients(scene.size(100_000, 200)))
    visitors = scene.size(100, 10)
    with gunicorn([], scene.environment, scene.directory) as web:
        _looks(web, known[0])
        rounds = [_round(web, random.sample(known, visitors)) for _ in range(scene.rounds)]
    what = f"GET /p with {len(known):,} people, the median, {scene.on}"
    return [absolute(what, median(rounds), rounds, " ms", MILLISECONDS, at_most=True)]


def _round(port: int, visitors: list[Known]) -> float:
    return median(took for who in visitors for took in _looks(port, who))


def _looks(port: int, who: Known) -> list[float]:
    connection = Connection(port)
    opened = connection.send(request("GET", link_for(who.profile_id), {}))
    cookies = "; ".join(re.findall(r"(?i)set-cookie: ([^;]+)", opened.head))
    asked = request("GET", "/p", {"Cookie": cookies, "Accept-Encoding": "gzip"})
    found = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        answer = connection.send(asked)
        found.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise Differs(f"HTTP {answer.status}")
    connection.close()
    return found
