"""The server is killed while partners send events: whatever it accepted is there, once."""

import json
import threading
import time

import pytest
import requests

from tests.destinations.api.live import Server, server
from tests.governance.listing import BOOKED

__all__ = ["server"]

pytestmark = pytest.mark.soak

KEPT = """
import json
from destinations.models import Event
print(json.dumps([str(pk) for pk in Event.objects.values_list("pk", flat=True)]))
"""


class Sender(threading.Thread):
    """A partner who sends batch after batch, and each again until it is answered."""

    def __init__(self, server: Server, number: int) -> None:
        super().__init__()
        self.server, self.number = server, number
        self.stopped = threading.Event()
        self.answered: dict[str, str] = {}

    def run(self) -> None:
        batch = 0
        while not self.stopped.is_set():
            batch += 1
            self.send([f"{self.number}-{batch}-{each}" for each in range(10)])

    def send(self, ids: list[str]) -> None:
        calls = [
            {"type": "track", "event": BOOKED, "userId": each, "messageId": each, "properties": {"value": 1}}
            for each in ids
        ]
        while True:
            try:
                answer = requests.post(
                    f"{self.server.url}/v1/batch",
                    json={"batch": calls},
                    auth=(self.server.key, ""),
                    timeout=10,
                )
            except requests.RequestException:
                time.sleep(0.05)
                continue
            assert answer.status_code == 200, answer.text
            results = answer.json()["results"]
            self.answered |= {name: each["event"] for name, each in zip(ids, results, strict=True)}
            return


def test_no_accepted_event_is_lost_and_none_counts_twice(server):
    senders = [Sender(server, number) for number in range(3)]
    for each in senders:
        each.start()
    for _ in range(5):
        time.sleep(0.7)
        server.restart()
    for each in senders:
        each.stopped.set()
    for each in senders:
        each.join()

    answered = [event for each in senders for event in each.answered.values()]
    assert len(answered) >= 100
    assert sorted(json.loads(server.shell(KEPT))) == sorted(answered)
