"""One person under way: the patient that they are, and what Heed's Consents of theirs must say."""

from collections.abc import Iterator, Mapping

from destinations.connectors.fhir.consents import Resource, changed_at, consent, said
from destinations.connectors.fhir.telecom import PREFIX, Marks
from destinations.connectors.fhir.writes import Write
from destinations.contract import Field, Held, Later, Reason, Result, Settings, Stuck, Wanted
from destinations.targets import Move, Progress, Stood, move, ours


class Person(Progress):
    """One person, the patient behind their record number, and the categories that the EHR is told about."""

    def __init__(self, wanted: Wanted, settings: Settings) -> None:
        super().__init__(wanted)
        self.settings = settings
        self.patients: dict[str, Resource] = {}
        self.stands: dict[str, list[Resource]] = {}  # by name, Heed's own
        asked = {target for target, each in wanted.fields.items() if each.denies is not None}
        self.targets = sorted(asked | (set(wanted.held) - set(wanted.fields)))
        self.marked = [target for target in self.targets if target.startswith(PREFIX)]
        about = set(self.targets) - set(self.marked)
        self.categories = sorted({target.partition(".")[0] for target in about})

    @property
    def patient(self) -> Resource | None:
        return next(iter(self.patients.values())) if len(self.patients) == 1 else None

    def name(self, category: str) -> str:
        """By it the same Consent is found again: only Heed gives it."""
        return f"{self.wanted.id}/{category}"

    def found(self, patients: Mapping[str, Resource]) -> None:
        self.patients = dict(patients)
        if len(patients) > 1:
            self.faults.append(Stuck(Reason.AMBIGUOUS, f"{len(patients)} patients have this record number"))

    def not_found(self, fault: Stuck) -> None:
        """The server could not be asked about them."""
        self.faults.append(fault)
        self.targets, self.marked, self.categories = [], [], []

    def marks(self) -> Marks | None:
        """What must change at their phones and emails."""
        return Marks(self, self.marked, self.patient) if self.marked and self.patient else None

    def ended(self, refused: Later | Stuck | None = None) -> Result:
        self.seen &= self.written if self.settings.reads_back else set()
        return self.result(refused, absent=bool(self.targets) and not self.patients)

    def writes(self) -> Iterator[Write]:
        """What of Heed's Consents must change. Call once, after reading."""
        for category in self.categories if self.patient else ():
            stands = self.stands.get(self.name(category), [])
            if len(stands) > 1:
                words = f"{len(stands)} consents bear Heed's identifier"
                self.faults.append(Stuck(Reason.AMBIGUOUS, words))
                continue
            write = self.decided(category, stands[0] if stands else {})
            if write.is_needed:
                yield write
            else:
                write.kept()
                self.seen.add(write.name)

    def decided(self, category: str, stands: Resource) -> Write:
        """Target by target what it shall say; whatever was not asked about stays as it stands."""
        shown = said(stands)
        says, after, since = dict(shown), dict[str, Held | None](), list[str]()
        for target in self.targets:
            if target.partition(".")[0] != category:
                continue
            channel, asked = target.partition(".")[2], self.wanted.fields.get(target)
            stood = shown.get(channel, shown.get(""))
            no, after[target] = self.decide(target, asked, stood, stands)
            says.pop(channel, None)
            says |= {} if no is None else {channel: no}
            since += [asked.since.isoformat()] if asked and asked.since and no == asked.denies else []
        if set(says) - {""}:
            says.pop("", None)  # what stood for all of them has been said of each
        given = max(since, default=str(stands.get("dateTime") or self.wanted.now.isoformat()))
        body = consent(self.name(category), category, says, given)
        body["patient"] = {"reference": f"Patient/{next(iter(self.patients))}"}
        body["organization"] = [{"display": self.settings.organisation}]
        return Write(self, self.name(category), body, stands, after)

    def decide(
        self, target: str, asked: Field | None, shown: bool | None, stands: Resource
    ) -> tuple[bool | None, Held | None]:
        """Does the Consent deny this target from now on (None: it says nothing), and what is known then?"""
        stood = Stood(shown is True, changed=changed_at(stands))
        step, known = move(asked, self.wanted.held.get(target), stood, self.wanted)
        if step is Move.ASK:
            self.asks.add(target)
            return True, known
        if asked and asked.denies:
            return True, ours(known, self.wanted)  # only Heed gives that identifier
        if asked:
            return False, Held(False, False, asked.because, self.wanted.now.isoformat())
        return (True, known) if step is Move.KEEP and shown else (None, None)
