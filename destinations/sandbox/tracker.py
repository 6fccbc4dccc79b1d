"""What is common to systems that are sent events: they keep what they took, and can be asked for it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

from destinations.sandbox.exchange import Answer, Document, Request, Unreadable
from destinations.sandbox.routes import route
from destinations.sandbox.server import Belief, Found, Sandbox

EVENT = "event"
SHOWN = 5


class Tracker(Sandbox):
    """Seed: `events`, {key, name, under: [email:…]} and whatever else. `GET /_events` lists all it took."""

    knows_people = True  # else it knows browsers, and can't say whose an event was

    def took(self, key: str, name: str, event: Document, under: Iterable[str]) -> None:
        """Keep an event, under whom it can be found by; under a key it has the same event is taken once."""
        known = sorted(set(under))
        before = self.store.get(EVENT, key) or {}
        at = before.get("at") or datetime.now(UTC).isoformat()
        self.store.put(EVENT, key, {"name": name, "event": event, "under": known, "at": at}, known)
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
        known = as_kept(under)
        last = [{"name": each["name"], **each["event"]} for each in self.store.last(EVENT, SHOWN, known)]
        return Found({"events": last[::-1]} if last else {}, known)

    def believes(self, record: Document) -> list[Belief]:
        """Nothing: what happened stands by itself (`happened`)."""
        return []

    def happened(self, under: list[str]) -> Document:
        """How many events it took, how many of them about whoever is known by one of these, and the last."""
        known = as_kept(under)
        last = self.store.last(EVENT, SHOWN, known) if under else []
        last = last or self.store.last(EVENT, SHOWN)
        shown = [
            {"name": each["name"], "at": each["at"], "theirs": not set(known).isdisjoint(each["under"])}
            for each in last
        ]
        theirs = self.store.count_about(EVENT, known) if self.knows_people else None
        return {"received": self.store.count_all(EVENT), "theirs": theirs, "last": shown}

    def plant(self, kind: str, document: Document) -> str:
        """An event that was there before."""
        if kind != "events":
            raise Unreadable("a seed has events")
        self.took(document["key"], document["name"], document, document.get("under", []))
        return str(document["key"])


def as_kept(under: Iterable[str]) -> list[str]:
    """In the clear and hashed."""
    words = list(under)
    return [*words, *map(hashed_under, words)]


def hashed_under(word: str) -> str:
    """`email:` and the SHA-256 of an address; of a number without its plus sign."""
    kind, _, value = word.partition(":")
    return f"{kind}:{sha256(value.removeprefix('+').encode()).hexdigest()}"
