"""From the HTTP answer to the last of four systems acknowledged, at 20 and at 100 people a second."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from statistics import median
from typing import Any

import requests

from tests.benchmarks import people, systems
from tests.benchmarks.arriving import SHARES, WARM_UP, arrive, reached, running, told_after, warm_up, words
from tests.benchmarks.comparing import Differs, Line, absolute, percentile
from tests.benchmarks.people import Known
from tests.benchmarks.processes import CODE, process
from tests.benchmarks.scene import Scene

RATES = (20, 100)
GOAL_MS = 500.0  # p95


def run(scene: Scene) -> list[Line]:
    """A fifth of the samples at a time, and the floor between."""
    each = scene.size(2_000, 60) // scene.rounds
    patients = people.patients((WARM_UP + each * len(RATES)) * scene.rounds)
    systems.connect_the_four(scene, patients)
    known, key = people.settle(patients), people.api_key()
    systems.in_sync()
    parts = iter(known)
    found: dict[int, list[list[float]]] = {rate: [] for rate in RATES}
    rates: dict[int, list[float]] = {rate: [] for rate in RATES}
    floors: list[list[float]] = []
    with scene.another_database() as url:
        for _ in range(scene.rounds):
            with running(scene) as port:
                warm_up(port, key, list(islice(parts, WARM_UP)))
                for rate in RATES:
                    who = list(islice(parts, each))
                    heard = arrive(port, key, who, rate)
                    rates[rate].append(reached(heard))
                    found[rate].append(told_after(heard))
                    _check_the_systems(scene, who[:: max(1, len(who) // 5)])
            floors.append(_floor(scene, url, scene.size(100, 10)))
    return [line for rate in RATES for line in _lines(scene, rate, median(rates[rate]), found[rate], floors)]


def _floor(scene: Scene, url: str, count: int) -> list[float]:
    told = {"FLOOR_DATABASE": url, "FLOOR_ANSWERS": str(scene.directory / "floor.answers")}
    told |= {"FLOOR_STUB": f"{scene.urls['stub']}/hook", "PATH": os.environ["PATH"]}
    module = ["-m", "tests.benchmarks.floor_wake"]

    def run(*words: str) -> str:
        command = [sys.executable, *module, *words]
        return subprocess.run(
            command, env=told, cwd=CODE, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    run("prepare")
    with process([*module, "cluster"], told, scene.directory / "floor.log"):
        run("ask", "2")  # until it runs
        answers: list[float] = json.loads(run("ask", str(count)).splitlines()[-1])
    if len(answers) != count:
        raise Differs(f"the floor answered {len(answers)} of {count} times")
    return answers


def _lines(
    scene: Scene, rate: int, real: float, found: Sequence[Sequence[float]], floors: Sequence[Sequence[float]]
) -> list[Line]:
    pooled = [one for part in found for one in part]
    floor = [one for part in floors for one in part]
    what = f"to the last of four, {rate} people/s ({real:.0f} reached), {scene.on}"
    lines = []
    for name, share in SHARES.items():
        ratios = [
            percentile(mine, share) / percentile(theirs, share)
            for mine, theirs in zip(found, floors, strict=True)
        ]
        mine, theirs = f"{percentile(pooled, share):,.0f} ms", f"{percentile(floor, share):,.0f} ms"
        lines.append(
            Line(
                f"{what}: {name}", mine, theirs, median(ratios), min(ratios), max(ratios), None, at_most=True
            )
        )
    sys.stdout.write(
        f"{what}: {words(pooled)} ms of {len(pooled)}; floor {words(floor)} ms of {len(floor)}\n"
    )
    p95 = [percentile(part, SHARES["p95"]) for part in found]
    # Of all samples together: the median of the rounds would hide the slow ones.
    whole = percentile(pooled, SHARES["p95"])
    held = absolute(f"{what}: p95", whole, p95, " ms", GOAL_MS, at_most=True)
    return [*lines, replace(held, void="" if real >= 0.95 * rate else "missed: rate not reached")]


def _check_the_systems(scene: Scene, known: Sequence[Known]) -> None:
    """Acknowledged is what Heed says; that it is so, the systems say themselves."""
    for each in known:
        records = {slug: _record(scene.urls[slug], each.email) for slug in systems.FOUR}
        groups = {group["id"]: group["suppressed"] for group in records["sendgrid"].get("suppressions", [])}
        told = records["webhook"]["data"]["preferences"]["marketing_emails"]["email"]["state"]
        if not groups.get(101) or told != "opted_out":
            raise Differs("SendGrid or the webhook's receiver does not hold the opt-out")
        if '"Marketing_Emails_Email_Opt_Out__c": true' not in json.dumps(records["salesforce"]):
            raise Differs("Salesforce does not hold the opt-out")
        if "deny" not in json.dumps(records["fhir"]):
            raise Differs("the patient record does not hold the opt-out")


def _record(url: str, email: str) -> dict[str, Any]:
    answer = requests.get(f"{url}/_records", params={"email": email}, timeout=30)
    record: dict[str, Any] = answer.json()["record"]
    return record
