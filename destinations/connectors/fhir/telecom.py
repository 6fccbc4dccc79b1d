"""A patient's phones and emails: marked as not to be used, never ended. https://hl7.org/fhir/R4/datatypes.html#ContactPoint"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.connectors.fhir.consents import CHANNEL, Resource, changed_at
from destinations.connectors.fhir.server import refusal
from destinations.contract import Answer, Held, Later, Reason, Refused, Stuck
from destinations.targets import Move, Progress, Stood, move, ours

PREFIX, MARK, PLACE = "telecom.", "urn:heed:do-not-use", "telecom"
SYSTEMS = {"sms": {"phone", "sms"}, "phone": {"phone"}, "email": {"email"}}
NO_PATCH = {404, 405, 415, 501}
CONFLICTS = {409, 412}

Operation = Mapping[str, Any]


class Marks:
    """What must change at a patient's contact points, decided once the patient was read."""

    def __init__(self, owner: Progress, targets: Sequence[str], patient: Resource) -> None:
        self.owner, self.patient = owner, patient
        self.deny, self.lift = set[str](), set[str]()
        self.after: dict[str, Held | None] = {}
        self.before: dict[str, Held | None] = {}
        for target in targets:
            self.decide(target, target.removeprefix(PREFIX))

    def decide(self, target: str, channel: str) -> None:
        field, known = self.owner.wanted.fields.get(target), self.owner.held.get(target)
        listed = [each for _, each in points(self.patient)]
        marked = [channel in channels_of(each) for each in listed]
        fit = [
            channel in channels_of(each) for each in listed if is_in_use(each, channel, self.owner.wanted.now)
        ]
        if field and field.denies:
            if not fit:
                return  # there is no such phone or email: nothing to write, and nothing to take back
            stood = Stood(all(fit))
        else:
            stood = Stood(any(marked), changed=changed_at(self.patient))
        step, learnt = move(field, known, stood, self.owner.wanted)
        self.after[target] = ours(learnt, self.owner.wanted)
        self.deny |= {channel} if step is Move.DENY else set()
        self.lift |= {channel} if step is Move.LIFT else set()
        self.owner.asks |= {target} if step is Move.ASK else set()

    def operations(self) -> list[Operation]:
        return operations(self.patient, self.deny, self.lift, self.owner.wanted.now)

    def claim(self) -> None:
        """Before the call, for its answer may be lost."""
        self.before = {target: self.owner.held.get(target) for target in self.after}
        for target, known in self.after.items():
            if known:
                self.owner.learn(target, known)

    def kept(self, shown: Any) -> None:
        for target, known in self.after.items():
            self.owner.learn(target, known)
        if self.after:
            self.owner.written.add(PLACE)
        if isinstance(shown, dict) and shown.get("resourceType") == "Patient":
            left = operations(shown, self.deny, self.lift, self.owner.wanted.now)
            self.owner.seen |= set() if left else {PLACE}

    def answered(self, answer: Answer) -> None:
        """What came of it; what is wrong with this patient keeps no other from being told. Raises Refused."""
        if answer.ok:
            self.kept(answer.json())
            return
        fault = refusal(answer, self.owner.wanted.now)
        if answer.status in NO_PATCH:
            words = f"HTTP {answer.status}: this server takes no JSON Patch of Patient"
            fault = Stuck(Reason.REJECTED_CONFIG, words)
        elif answer.status in CONFLICTS:
            fault = Later(
                Reason.UNAVAILABLE, detail=f"HTTP {answer.status}: it has changed since it was read"
            )
        elif isinstance(fault, Later):
            raise Refused(fault)
        for target, known in self.before.items():
            self.owner.learn(target, known)
        self.owner.faults.append(fault)


def points(patient: Resource) -> Iterator[tuple[int, Resource]]:
    """Where each stands in the list, for those that have a value."""
    listed = patient.get("telecom")
    for at, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, dict) and isinstance(each.get("value"), str):
            yield at, each


def is_in_use(point: Resource, channel: str, now: datetime) -> bool:
    """Could a message of this channel go there today?"""
    period = point.get("period")
    end = str(period.get("end") or "") if isinstance(period, dict) else ""
    is_over = point.get("use") == "old" or (end and end[:10] < now.date().isoformat())
    return point.get("system") in SYSTEMS[channel] and not is_over


def operations(patient: Resource, deny: set[str], lift: set[str], now: datetime) -> list[Operation]:
    """A JSON Patch (RFC 6902) that touches nothing but the marks, and tests what it stands on."""
    found: list[Operation] = []
    for at, point in points(patient):
        new = {channel for channel in deny if is_in_use(point, channel, now)} - channels_of(point)
        found += changes(f"/telecom/{at}", point, sorted(new), lift)
    return found


def marks(point: Resource) -> Iterator[tuple[int, str]]:
    """Heed's own among its extensions: where each stands, and which channel it is about."""
    for at, each in enumerate(point.get("extension") or ()):
        if isinstance(each, dict) and each.get("url") == MARK:
            coding = each.get("valueCoding")
            yield at, str(coding.get("code")) if isinstance(coding, dict) else ""


def channels_of(point: Resource) -> set[str]:
    return {channel for _, channel in marks(point)}


def changes(at: str, point: Resource, new: Sequence[str], lift: set[str]) -> Iterator[Operation]:
    """For one contact point. A list is never left empty: FHIR has no empty lists."""
    stands = point.get("extension") or []
    gone = [number for number, channel in marks(point) if channel in lift]
    if not (new or gone):
        return
    yield {"op": "test", "path": f"{at}/value", "value": point["value"]}
    for number in gone:
        yield {"op": "test", "path": f"{at}/extension/{number}", "value": stands[number]}
    made = [{"url": MARK, "valueCoding": {"system": CHANNEL, "code": channel}} for channel in new]
    if not stands:
        yield {"op": "add", "path": f"{at}/extension", "value": made}
    elif len(gone) == len(stands) and not made:
        yield {"op": "remove", "path": f"{at}/extension"}
    else:
        yield from ({"op": "add", "path": f"{at}/extension/-", "value": each} for each in made)
        yield from ({"op": "remove", "path": f"{at}/extension/{number}"} for number in reversed(gone))
