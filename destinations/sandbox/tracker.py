"""What is common to systems that are sent events: they keep what they took, and can be asked for it."""

from collections.abc import Iterable
from hashlib import sha256

from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

EVENT = "event"
SHOWN = 5


class Tracker(Sandbox):
    """Seed: `events`, {key, name, under: [email:…]} and whatever else. `GET /_events` lists all it took."""

    def took(self, key: str, name: str, event: Document, under: Iterable[str]) -> None:
        """Keep an event, under whom it can be found by; under a key it has the same event is taken once."""
        known = sorted(set(under))
        self.store.put(EVENT, key, {"name": name, "event": event, "under": known}, known)
        for who in known:
            self.store.wrote(who)

    @property
    def events(self) -> list[Document]:
        """All that was taken, in the order in which it came first."""
        with self.store:
            return self.store.all(EVENT)

    @route("GET", "/_events")
    def _events(self, request: Request) -> Answer:
        return Answer(body={"events": self.store.all(EVENT)})

    def found(self, under: list[str]) -> Found:
        """The last events of whoever is known by one of these, in the clear or hashed."""
        known = [*under, *(hashed_under(each) for each in under)]
        kept = self.store.filed(EVENT, known)
        last = [{"name": each["name"], **each["event"]} for each in kept[-SHOWN:]]
        return Found({"events": last} if last else {}, known)

    def believes(self, record: Document) -> list[Belief]:
        """What happened, the newest first."""
        return [Belief("Event", each["name"], None) for each in reversed(record.get("events", []))]

    def plant(self, kind: str, document: Document) -> str:
        """An event that was there before."""
        if kind != "events":
            raise Unreadable("a seed has events")
        self.took(document["key"], document["name"], document, document.get("under", []))
        return str(document["key"])


def hashed_under(word: str) -> str:
    """`email:` and the SHA-256 of an address; of a number without its plus sign."""
    kind, _, value = word.partition(":")
    return f"{kind}:{sha256(value.removeprefix('+').encode()).hexdigest()}"
