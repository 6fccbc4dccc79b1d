"""Genesys Cloud do-not-call lists. https://developer.genesys.cloud/devapps/api-explorer (Outbound)"""

import json
from collections.abc import Sequence
from datetime import datetime

from destinations.connectors.genesys.org import DOWNLOADS, LISTS, WAIT, NotYet, Org
from destinations.contract import (
    Answer,
    BackIn,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Grain,
    Held,
    Items,
    Job,
    Kind,
    Later,
    Page,
    Probe,
    Rate,
    Reason,
    Refused,
    Setting,
    Settings,
    Shows,
    Steps,
    Stranger,
    Stuck,
    Target,
    Wanted,
    by_status,
)
from destinations.members import Member
from destinations.targets import Move, Stood, needs_reading

ASK_AGAIN = 4.0  # seconds: within what a run stays for (DESIGN, section 3), so nobody waits for the next
Changes = list[tuple[Member, Held | None]]  # with what will be known


class Genesys(Connector):
    """Phone numbers on do-not-call lists of the organisation's own; one list may serve both targets."""

    slug, name, channels = "genesys", "Genesys Cloud", frozenset({"phone"})
    glyph = Glyph.PHONE
    addresses, batch_max, in_flight_max = By.ADDRESS, 1000, 1
    rate, account = Rate(300, 60), ("client_id",)
    grain, found_by, items = Grain.CHANNEL, ("phone",), Items.TOGETHER
    shows, stranger = Shows.EXPORT, Stranger.PARK
    back_in, echo = BackIn.OURS, "Genesys Cloud reports no changes of its lists"
    settings = {
        "base_url": Setting(
            "API address", "https://api. and your region", default="https://api.mypurecloud.com"
        ),
        "login_url": Setting(
            "Sign-in address", "https://login. and your region", default="https://login.mypurecloud.com"
        ),
        "client_id": Setting("Client ID", "An OAuth client that may read and edit DNC lists"),
        "client_secret": Setting("Client secret", secret=True),
        "lists": Setting(
            "Do-not-call lists", "do_not_call: id of the list; phone: id of the list", many=True
        ),
        "read_up_to": Setting(
            "Read lists of up to", "numbers; longer ones are written unread", default=100000
        ),
    }
    may_call = (
        "POST /oauth/token",
        f"GET {LISTS}/*",
        f"POST {LISTS}/*/export",
        f"GET {LISTS}/*/export",
        f"PATCH {LISTS}/*/phonenumbers",  # DELETE on the same path would empty the list
        f"GET {DOWNLOADS}/*",
        "GET ",  # the signed address of a file
    )
    lists_out = True
    reads = tuple(each for each in may_call if not each.startswith("PATCH "))
    rows = (
        {"target": "lists.do_not_call", "source": "do_not_call:phone"},
        {"target": "lists.phone", "source": "all_out:phone"},
    )
    targets = (
        Target(
            r"lists\.[a-z][a-z0-9_]{0,49}",
            "lists.phone",
            "a do-not-call list, by the name it has in the system's settings",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Lists are sets: adding or removing a number twice is harmless, so a lost answer is too.
        return _Round(batch, settings).through()

    def listing(self, targets: Sequence[str], after: str, settings: Settings, now: datetime) -> Steps[Page]:
        """List by list, each as a whole once it is written out; `after` is how many are done."""
        stands_for: dict[str, list[str]] = {}
        for target in targets:
            if place := str(settings.lists.get(target.removeprefix("lists."), "")):
                stands_for.setdefault(place, []).append(target)
        places = sorted(stands_for)[int(after or 0) :]
        if not places:
            return Page(())
        try:
            numbers = yield from Org(settings, now).numbers(places[0])
        except NotYet:
            raise Refused(Later(Reason.UNAVAILABLE, ASK_AGAIN)) from None
        if numbers is None:
            raise Refused(Stuck(Reason.TOO_LONG))
        further = str(int(after or 0) + 1) if places[1:] else ""
        return Page([(stands_for[places[0]], number) for number in sorted(numbers)], further)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """Every list exists and is too long to be read."""
        if call.path == "/oauth/token":
            return Answer(200, b'{"access_token": "rehearsed"}')
        if call.method == "GET" and call.path.endswith("/export"):
            return Answer(404)
        return Answer(200, json.dumps({"size": 10**9}).encode() if call.method == "GET" else b"")

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        org = Org(settings, now)
        yield from org.sign_in()
        found = [Checked(True, "The client is accepted.")]
        for target in targets:
            name = target.removeprefix("lists.")
            place = str(settings.lists.get(name, ""))
            listed = (yield from org.described(place)) if place else {}
            if not listed:
                wrong = "there is no such list" if place else "no list is named for it"
                found.append(Checked(False, f"{name}: {wrong}.", "Correct it under “Do-not-call lists”."))
            elif listed.get("dncSourceType", "rds") != "rds":
                words = f"{name}: the list is kept by another company, so Genesys Cloud takes no numbers."
                found.append(Checked(False, words, "Name a list of the organisation's own."))
        return found


class _Round:
    """One batch: first all lists are read that must be, then each is written."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        places = {f"lists.{name}": str(place) for name, place in settings.lists.items()}
        self.items = [
            Member(each, lambda target: places.get(target, ""), set(places.values())) for each in batch
        ]
        self.org, self.now = Org(settings, batch[0].now, self.claims), batch[0].now
        self.stand: dict[str, frozenset[str] | None] = {}
        self.waiting: dict[str, Member] = {}

    def through(self) -> Delivery:
        yield from (item.result() for item in self.items if not item.left)
        try:
            places = sorted({place for item in self.items for place in item.lists})
            for place in places:
                yield from self.look(place)
            for item in self.waiting.values():
                item.left.clear()
                yield item.wanted.is_(Job(self.since(item).isoformat(), ASK_AGAIN))
            for place in places:
                yield from self.settle(place)
        except Refused as refused:
            yield from (item.result(refused.outcome) for item in self.items if item.left)

    def claims(self) -> dict[str, dict[str, Held]]:
        return {item.wanted.id: item.held for item in self.items if item.left}

    def at(self, place: str) -> list[Member]:
        return [item for item in self.items if place in item.left]

    def look(self, place: str) -> Delivery:
        """Read a list for those who need it; they wait while it is written out, but never for long.

        Nobody waits for one list before the next is asked for: all are written out at the same time.
        """
        unread = [item for item in self.at(place) if _must_read(item, place)]
        self.stand[place] = None
        if not unread:
            return
        try:
            self.stand[place] = yield from self.org.numbers(place)
        except NotYet:
            patient = [item for item in unread if self.now - self.since(item) < WAIT]
            self.waiting |= {item.wanted.id: item for item in patient}

    def since(self, item: Member) -> datetime:
        return datetime.fromisoformat(item.wanted.job) if item.wanted.job else self.now

    def settle(self, place: str) -> Delivery:
        adds: Changes = []
        lifts: Changes = []
        for item in self.at(place):
            step, known = item.decide(place, self.stood(item, place))
            field = item.field(place)
            if step is Move.LIFT:
                lifts.append((item, known))
            elif field is not None and field.denies:  # written even where it was seen to stand a minute ago
                adds.append((item, known))
            else:
                item.note(place, known)
                yield from item.passed(place)
        yield from self.write(place, "Add", adds)
        yield from self.write(place, "Remove", lifts)

    def stood(self, item: Member, place: str) -> Stood | None:
        """What was read; else what Heed itself wrote is taken to stand still."""
        known, numbers = item.known(place), self.stand[place]
        if numbers is not None and _must_read(item, place):
            return Stood(item.wanted.address in numbers)
        return Stood(True) if known and known.wrote else None

    def write(self, place: str, action: str, changes: Changes) -> Delivery:
        if not changes:
            return
        before = {item.wanted.id: item.known(place) for item, _ in changes}
        for item, known in changes if action == "Add" else ():
            item.note(place, known)  # before the call: its answer may be lost
        body = {"action": action, "phoneNumbers": [item.wanted.address for item, _ in changes]}
        answer = yield from self.org.ask("PATCH", f"{self.org.path(place)}/phonenumbers", json=body)
        if answer.ok and (not answer.body.strip() or answer.json() is not None):
            yield from self.wrote(place, action, changes)
            return
        refusal = self.refusal(answer, place, changes[0][0])
        for item, _ in changes if isinstance(refusal, Stuck) else ():
            item.note(place, before[item.wanted.id])
        yield from self.refused(place, action, changes, refusal)

    def wrote(self, place: str, action: str, changes: Changes) -> Delivery:
        for item, known in changes:
            item.note(place, known)
            yield from item.passed(place)
        if action == "Remove":
            self.org.forget(place, [item.wanted.address for item, _ in changes])

    def refused(self, place: str, action: str, changes: Changes, refusal: Later | Stuck) -> Delivery:
        """One number spoils the whole call, so halves are tried alone. What concerns everybody is raised."""
        if isinstance(refusal, Later) or refusal.reason is Reason.REJECTED_AUTH:
            raise Refused(refusal)
        if refusal.reason is Reason.REJECTED_DATA and len(changes) > 1:
            half = len(changes) // 2
            yield from self.write(place, action, changes[:half])
            yield from self.write(place, action, changes[half:])
            return
        for item, _ in changes:
            yield from item.passed(place, refusal)

    def refusal(self, answer: Answer, place: str, item: Member) -> Later | Stuck:
        if answer.status == 404:
            names = ", ".join(item.lists[place])
            return Stuck(Reason.REJECTED_CONFIG, f"there is no do-not-call list {place} ({names})")
        return by_status(answer, self.now)


def _must_read(item: Member, place: str) -> bool:
    """Not where Heed's own entry, which nobody else had made before, is taken away."""
    known = item.known(place)
    if known and known.wrote and known.before is False and not known.reported:
        return False
    return needs_reading(item.field(place), known)
