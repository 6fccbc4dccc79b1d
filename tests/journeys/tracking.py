"""Events of a running demo: sent as partners do, and looked up in what Heed keeps and in the systems."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

import requests

from tests.journeys.conftest import Demo

AT_ONCE = ("meta_conversions", "ga4", "segment", "webhook")
ROWS = """
SELECT e.id, d.slug, f.state, f.outcome, f.judged_at
  FROM destinations_event e
  JOIN destinations_forwarding f ON f.event_id = e.id
  JOIN destinations_destination d ON d.id = f.destination_id
"""


class Row(NamedTuple):
    """An event at a system, as Heed keeps it."""

    event: str
    system: str
    state: str
    outcome: str
    judged_at: str


def shares(demo: Demo, email: str, said: bool) -> bool:
    """Somebody in New York says yes or no to sharing; was it accepted for good?"""
    try:
        answer = requests.post(
            f"{demo.told['base_url']}/v1/identify",
            json={
                "traits": {
                    "email": email,
                    "jurisdiction": "US-NY",
                    "preferences": {"sale_or_sharing": said},
                }
            },
            headers={"Authorization": f"Bearer {demo.told['api_key']}"},
            timeout=30,
        )
    except requests.RequestException:
        return False  # while a process is being started anew, it may not be answered at all
    return answer.status_code == 200


def track(demo: Demo, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids under which these were accepted; none where nobody answered."""
    try:
        answer = requests.post(
            f"{demo.told['base_url']}/v1/batch",
            json={"batch": list(events)},
            headers={"Authorization": f"Bearer {demo.told['api_key']}"},
            timeout=30,
        )
        return [each["event"] for each in answer.json()["results"] if each["status"] == "accepted"]
    except (requests.RequestException, ValueError, KeyError):
        return []


def booked(email: str = "", browser: str = "") -> dict[str, Any]:
    """Somebody booked: that alone tells something about health."""
    return happened("appointment_booked", {"value": 120, "currency": "USD"}, email, browser)


def clicked(email: str = "", browser: str = "") -> dict[str, Any]:
    """Somebody clicked a link in the newsletter, which tells nothing about health."""
    return happened("newsletter_clicked", {"campaign": "spring-walk"}, email, browser)


def happened(name: str, properties: Mapping[str, Any], email: str, browser: str) -> dict[str, Any]:
    """An event as a partner tells of it."""
    return {
        "type": "track",
        "event": name,
        "properties": dict(properties),
        **({"anonymousId": browser} if browser else {}),
        **({"context": {"traits": {"email": email}}} if email else {}),
    }


def rows(demo: Demo, ids: Sequence[str] | None = None) -> list[Row]:
    """Of these events, or of all."""
    database = demo.data / "heed.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as connection:
        found = [Row(str(UUID(pk)), *rest) for pk, *rest in connection.execute(ROWS)]
    return [each for each in found if ids is None or each.event in set(ids)]


def settled(demo: Demo, ids: Sequence[str]) -> bool:
    """Has each of these systems been dealt with for each of these events?

    Google's job is asked about after five minutes: nobody waits for it here.
    """
    found = [each for each in rows(demo, ids) if each.system in AT_ONCE]
    ended = [each for each in found if each.state in {"sent", "blocked", "expired", "stuck"}]
    return len(ended) == len(found) == len(AT_ONCE) * len(ids)


def heard(demo: Demo, slug: str) -> list[str]:
    """The ids of the events that a sandbox took, repeats too, where it keeps them."""
    url = demo.told["destinations"][slug]
    events = requests.get(f"{url}/_events", timeout=10).json()["events"]
    return [id_in(each["event"]) for each in events]


def id_in(told: Mapping[str, Any]) -> str:
    """Heed's id of an event, where a vendor has its own: Meta, Segment, Google Ads, GA4."""
    own = ("event_id", "messageId", "transactionId")
    return str(next((told[each] for each in own if each in told), told.get("params", {}).get("event_id")))
