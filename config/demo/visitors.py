"""The demo's people book, click and look around: about an event a second, over HTTP, as partners send them.

It knows nothing of Django. Whom the demo shows does something in every batch, so that a change of theirs is
seen at once. What is not taken in (the web server starts anew, say) is dropped: nobody waits for it.
"""

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any

import requests

from config.demo.people import SHOWN, Patient, patients

EVERY, PATIENCE = 2.0, 10.0  # seconds: between two batches; for an answer
PEOPLE = 500
CAMPAIGNS = ("spring-walk", "heart-month", "flu-shots")
PAGES = ("Home", "Find us", "Classes", "Careers")
CLINICS = ("Riverside Heart Center", "Riverside Diabetes Clinic")
STRANGERS = 0.2  # of those whom the demo does not show


def main() -> int:
    """Until somebody ends it."""
    count = min(int(os.environ["HEED_DEMO_PATIENTS"]), PEOPLE)
    happening = happenings(list(islice(patients(max(count, 3)), count)), Random())  # noqa: S311 - no secret
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {os.environ['HEED_DEMO_EVENTS_KEY']}"
        while True:
            send(session, [next(happening), next(happening)])
            time.sleep(EVERY)


def send(session: requests.Session, events: list[dict[str, Any]]) -> None:
    """One batch; a word where it was not taken in."""
    url = f"{os.environ['PUBLIC_URL']}/v1/batch"
    try:
        answer = session.post(url, json={"batch": events}, timeout=PATIENCE)
        if not answer.ok:
            sys.stderr.write(f"not taken in: {answer.status_code}\n")
    except requests.RequestException as error:
        sys.stderr.write(f"not taken in: {type(error).__name__}\n")


def happenings(people: list[Patient], chance: Random) -> Iterator[dict[str, Any]]:
    """What happens, for ever: every other event is of the person whom the demo shows."""
    while True:
        yield event(SHOWN, chance)
        yield stranger(chance) if chance.random() < STRANGERS else event(chance.choice(people), chance)


def event(patient: Patient, chance: Random) -> dict[str, Any]:
    """Something that a patient does, in a browser and with an address by which the hospital knows them."""
    who = {"anonymousId": f"browser-{patient.number}", "context": {"traits": {"email": patient.email}}}
    return {**what(chance), **who, "timestamp": datetime.now(UTC).isoformat()}


def stranger(chance: Random) -> dict[str, Any]:
    """A visitor of the website of whom nothing is known."""
    who = {"anonymousId": f"visitor-{chance.randrange(1000)}"}
    return {**what(chance), **who, "timestamp": datetime.now(UTC).isoformat()}


def what(chance: Random) -> dict[str, Any]:
    """Of four things one; some bookings say at which clinic, which tells something about health."""
    campaign = {"campaign": chance.choice(CAMPAIGNS), "link": "https://riverside.example/classes"}
    booked = {"value": chance.choice((90, 120, 140)), "currency": "USD"}
    if chance.random() < 0.4:
        booked["clinic"] = chance.choice(CLINICS)
    return chance.choice(
        (
            {"type": "track", "event": "newsletter_clicked", "properties": campaign},
            {"type": "track", "event": "appointment_booked", "properties": booked},
            {"type": "page", "name": chance.choice(PAGES), "properties": {}},
        )
    )


if __name__ == "__main__":
    sys.exit(main())
