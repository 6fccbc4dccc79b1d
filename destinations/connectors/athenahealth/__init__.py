"""athenahealth's athenaOne REST API. https://docs.athenahealth.com/api/api-ref/patient"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from destinations.connectors.athenahealth.practice import Practice, refusal
from destinations.contract import (
    Answer,
    BackIn,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Held,
    Kind,
    Later,
    Probe,
    Reason,
    Refused,
    Result,
    Setting,
    Settings,
    Shows,
    Steps,
    Stuck,
    Target,
    Wanted,
    by_status,
    read,
)
from destinations.targets import Move, Progress, Stood, move

PREFERENCE, TEXTS, CALLS = "contactpreference", "consenttotext", "consenttocall"
KINDS = "appointment|lab|announcement|billing"


class Athenahealth(Connector):
    """The contact preferences of patients whom athenahealth knows; turned off, and on again only by rule."""

    slug, name = "athenahealth", "athenahealth"
    glyph = Glyph.RECORD
    channels = frozenset({"email", "sms", "phone"})
    addresses, batch_max, calls_a_row = By.PERSON, 50, 2
    found_by, shows, back_in = ("mrn",), Shows.CHANGES, BackIn.PATIENT
    reads_back = True
    account = ("base_url", "practice_id")
    echo = "a preference that Heed itself turned off"
    settings = {
        "base_url": Setting("API address", default="https://api.platform.athenahealth.com"),
        "practice_id": Setting("Practice", "Its number"),
        "department_id": Setting("Department", "The one that changes are filed under", required=False),
        "authority": Setting("Authority", "Whose record numbers are athenahealth's patient numbers"),
        "client_id": Setting("Client ID"),
        "client_secret": Setting("Client secret", secret=True),
    }
    may_call = (
        "POST /oauth2/v1/token",
        "GET /v1/*/patients/*",
        "PUT /v1/*/patients/*",
        "GET /v1/*/patients/changed/subscription",
        "POST /v1/*/patients/changed/subscription",
    )
    reads = ("POST /oauth2/v1/token", "GET /v1/*/patients/*")
    rows = (
        {"target": "contactpreference_appointment_sms", "source": "answer:appointment_reminders:sms"},
        {"target": "contactpreference_appointment_phone", "source": "answer:appointment_reminders:phone"},
        {"target": "contactpreference_lab_sms", "source": "answer:care_follow_ups:sms"},
        {"target": "contactpreference_lab_phone", "source": "answer:care_follow_ups:phone"},
        {"target": "contactpreference_announcement_sms", "source": "answer:patient_surveys:sms"},
        {"target": "contactpreference_announcement_phone", "source": "answer:phone_outreach:phone"},
        {"target": TEXTS, "source": "all_out:sms"},
        {"target": CALLS, "source": "all_out:phone"},
    )
    targets = (
        Target(
            rf"{PREFERENCE}_({KINDS})_(sms|phone)",
            "contactpreference_appointment_sms",
            "a contact preference by text or phone",
            frozenset({Kind.ANSWER}),
        ),
        Target(
            rf"{PREFERENCE}_({KINDS})_email",
            "contactpreference_appointment_email",
            "a contact preference by email: turned off, the portal's own messages may stop too",
            frozenset({Kind.ANSWER}),
            only=("answer:appointment_reminders:", "answer:care_follow_ups:", "suppressed:", "deceased"),
        ),
        Target(
            rf"{TEXTS}|{CALLS}",
            TEXTS,
            "consent to any text, or to any call",
            frozenset({Kind.ANSWER}),
            only=("all_out:", "stop:", "do_not_call:", "deceased"),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Each write sets fields of a patient who exists: a repeat changes nothing, and nobody is created.
        people = [_Patient(wanted, settings) for wanted in batch]
        while people:
            try:
                yield (yield from people[0].told())
                del people[0]
            except Refused as refused:
                yield from (person.result(refused.outcome) for person in people)
                return

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """The patient is known, and has set nothing."""
        if call.form and "grant_type" in call.form:
            return Answer(200, b'{"access_token": "rehearsed"}')
        return Answer(200, json.dumps([{"patientid": call.path.rpartition("/")[2]}]).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        practice = Practice(settings, now)
        answer = yield from practice.ask("GET", "/patients/changed/subscription")
        status = str(read(answer, dict, now).get("status", ""))
        active = Checked(True, "The client is accepted. Changes of patients are noted for Heed.")
        asked = "Changes of patients are not noted yet; Heed asks for that when it first looks."
        return [active if status == "ACTIVE" else Checked(True, f"The client is accepted. {asked}")]


class _Patient(Progress):
    """One person: read, then written in one form, then read back where that is on."""

    def __init__(self, wanted: Wanted, settings: Settings) -> None:
        super().__init__(wanted)
        self.settings, self.now = settings, wanted.now
        self.practice = Practice(settings, wanted.now)
        self.practice.claims = {wanted.id: self.held}
        self.patients_only: list[str] = []

    def told(self) -> Steps[Result]:
        numbers = sorted(
            each.value
            for each in self.wanted.identifiers
            if each.kind == "mrn" and each.namespace == self.settings.authority
        )
        targets = sorted({**self.wanted.fields, **self.wanted.held})
        if not targets or len(numbers) != 1:
            if targets and numbers:
                self.faults.append(Stuck(Reason.AMBIGUOUS, f"{len(numbers)} patients are this person"))
            return self.result(absent=bool(targets) and not numbers)
        path = f"/patients/{quote(numbers[0], safe='')}"
        record = yield from self.record(path)
        if record is None:
            return self.result(absent=not self.faults)
        form = self.form(record, targets)
        if form:
            yield from self.write(path, form)
        return self.result()

    def result(self, refused: Later | Stuck | None = None, absent: bool = False) -> Result:
        """What only the patient may turn on is said where nothing worse happened."""
        if self.patients_only and not refused and not self.faults:
            texts = ", ".join(self.patients_only)
            words = f"only the patient may turn this on, in athenahealth's portal: {texts}"
            return self.wanted.is_(Stuck(Reason.BY_THEMSELVES, words, self.held))
        return super().result(refused, absent)

    def record(self, path: str) -> Steps[Mapping[str, Any] | None]:
        """None where there is no such patient, or where only this one cannot be read."""
        answer = yield from self.practice.ask("GET", path, params=self.filed())
        if answer.status == 404:
            return None
        if not answer.ok:
            self.refused(answer)
            return None
        found = read(answer, list, self.now)
        if len(found) != 1 or not isinstance(found[0], dict) or "patientid" not in found[0]:
            raise Refused(Later(Reason.GARBLED))
        return found[0]

    def form(self, record: Mapping[str, Any], targets: Sequence[str]) -> dict[str, str]:
        """What must be written. Notes what is known once it is."""
        form: dict[str, str] = {}
        for target in targets:
            before, field = self.held.get(target), self.wanted.fields.get(target)
            said = str(record.get(target, "")).lower()
            step, known = move(field, before, Stood(said == "false"), self.wanted)
            if step is Move.DENY:
                stood = before.otherwise if before and before.wrote else said == "true"
                self.learn(target, replace(known or Held(), otherwise=stood))
                form[target] = "false"
            elif step is Move.LIFT:
                self.lift(target, form, explicit=field is not None)
            else:
                self.asks.update([target] if step is Move.ASK else [])
                self.learn(target, known)
        return form

    def lift(self, target: str, form: dict[str, str], *, explicit: bool) -> None:
        """Texts are turned on by the patient only. What nobody had set cannot be unset: staff are told."""
        known = self.held.get(target)
        if target.endswith("_sms") or target == TEXTS:
            self.patients_only.append(target)
        elif explicit or (known and known.otherwise is True):
            form[target] = "true"
            self.learn(target, None)
        else:
            self.asks.add(target)

    def write(self, path: str, form: Mapping[str, str]) -> Steps[None]:
        answer = yield from self.practice.ask("PUT", path, form={**dict(self.filed()), **form})
        if not answer.ok:
            if isinstance(refusal(answer, self.now), Stuck):
                self.held = dict(self.wanted.held)
            self.refused(answer)
            return
        if not isinstance(answer.json(), list | dict):
            raise Refused(by_status(answer, self.now))
        self.written.update(form)
        if self.settings.reads_back:
            record = yield from self.record(path)
            for target, said in form.items() if record else ():
                self.read_back(target, str((record or {}).get(target, "")).lower() == said)

    def refused(self, answer: Answer) -> None:
        """What concerns this patient is noted; what concerns everybody is raised."""
        fault = refusal(answer, self.now)
        if fault.reason is not Reason.REJECTED_DATA:
            raise Refused(fault)
        self.faults.append(fault)

    def filed(self) -> list[tuple[str, str]]:
        department = str(self.settings.department_id or "")
        return [("departmentid", department)] if department else []
