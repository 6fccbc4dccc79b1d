"""Processes are killed while people choose: nothing that was answered 200 is lost, and all ends right."""

import random
import time
from functools import partial
from itertools import cycle

import pytest
import requests

from tests.journeys.conftest import Demo, wait_until

pytestmark = pytest.mark.soak
PATIENCE = 240  # the slowest way back: a lease, a lost task and the next sweep
VICTIMS = ("qcluster", "gunicorn", "destinations.sandbox")


def says_no(demo: Demo, email: str) -> bool:
    """Do list and webhook both refuse marketing to this address?"""
    try:
        held = demo.systems(email)
    except requests.RequestException:
        return False  # the systems were just killed too
    groups = held["sendgrid"]["record"].get("suppressions", [])
    snapshot = held["webhook"]["record"].get("data", {}).get("preferences", {})
    heard = snapshot and not snapshot["marketing_emails"]["email"]["allowed"]
    return bool(heard and any(each["id"] == 101 and each["suppressed"] for each in groups))


def test_no_kill_loses_an_opt_out_or_turns_one_on(demo: Demo) -> None:
    chance = random.Random(7)
    accepted = []
    for number, victim in zip(range(24), cycle(VICTIMS), strict=False):
        email = f"killed.{number}@example.org"
        if answered(demo, email, True) and answered(demo, email, False):
            accepted.append(email)
        if number % 2:
            pids = demo.processes(victim)
            demo.kill(chance.choice(pids)) if pids else None
        time.sleep(chance.random())

    assert len(accepted) >= 12
    for email in accepted:
        wait_until(partial(says_no, demo, email), PATIENCE, lambda: "an opt-out was lost")


def test_a_vendor_that_is_down_for_a_while_is_told_when_it_is_back(demo: Demo) -> None:
    faults = f"{demo.told['destinations']['sendgrid']}/_faults"
    requests.post(faults, json={"status": 503}, timeout=5)
    try:
        assert answered(demo, "outage@example.org", True)
        assert answered(demo, "outage@example.org", False)
        time.sleep(8)
        assert not says_no(demo, "outage@example.org")
    finally:
        requests.delete(faults, timeout=5)
    wait_until(lambda: says_no(demo, "outage@example.org"), 90, lambda: "an opt-out was lost")


def answered(demo: Demo, email: str, opts_in: bool) -> bool:
    """Was it accepted for good? While a process is being started anew, it may not be answered at all."""
    try:
        return demo.identify(email, marketing_emails=opts_in).status_code == 200
    except requests.RequestException:
        return False
