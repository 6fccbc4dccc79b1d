"""athenahealth's changed patients, which it must be asked for. https://docs.athenahealth.com/api/api-ref/patient

The feed tells each change once, as the record stands then; what was told in a window can be fetched again.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from destinations.connectors.athenahealth.practice import Practice, refusal
from destinations.contract import Glyph, Later, Reason, Refused, Settings, read
from destinations.vendors.contract import (
    Heard,
    Incoming,
    Item,
    Meaning,
    NotAuthentic,
    Poll,
    Polling,
    Unreadable,
    Vendor,
    Who,
)

CHANGED = "/patients/changed"
PAGE, PAGES = 500, 10
GAP = timedelta(minutes=5)  # without an answer for so long: what was told meanwhile may be lost
ANSWERS = re.compile(
    r"contactpreference_(appointment|billing|announcement|lab)_(email|phone|sms)|consentto(text|call)"
)
KEPT = ("patientid", "email", "mobilephone", "homephone", "deceaseddate")
EASTERN = ZoneInfo("America/New_York")


class AthenahealthChanges(Vendor):
    """Preferences as they stand, new addresses, deaths."""

    slug, name, connector = "athenahealth", "athenahealth changes", "athenahealth"
    glyph = Glyph.RECORD
    settings = {}
    polls = True

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        raise NotAuthentic("athenahealth calls nobody: Heed asks it")

    def split(self, call: Incoming) -> Sequence[Item]:
        raise Unreadable("athenahealth calls nobody: Heed asks it")

    def poll(self, cursor: str, settings: Settings, now: datetime, *, unsure: bool) -> Poll:
        """`cursor`: when it was last asked to the end."""
        practice = Practice(settings, now)
        if not cursor:
            yield from _subscribe(practice, now)
            return now.isoformat()
        since = datetime.fromisoformat(cursor)
        if unsure or now - since > GAP:
            begin, end = "showprocessedstartdatetime", "showprocessedenddatetime"
            yield from _all_fetched(practice, now, [(begin, _eastern(since - GAP)), (end, _eastern(now))])
        yield from _all_fetched(practice, now, [])
        return now.isoformat()

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        patient: Mapping[str, Any] = json.loads(content)
        at = datetime.fromisoformat(patient["at"])
        who = (Who("mrn", str(patient["patientid"]), str(getattr(settings, "authority", ""))),)
        return list(_said(patient, who, at)) or [Heard(Meaning.NOTHING, "patient changed")]


def _said(patient: Mapping[str, Any], who: tuple[Who, ...], at: datetime) -> Iterator[Heard]:
    if patient.get("deceaseddate"):
        yield Heard(Meaning.DECEASED, "deceaseddate", who, at)
    phone = patient.get("mobilephone") or patient.get("homephone")
    for kind, value in (("phone", phone), ("email", patient.get("email"))):
        if value:
            yield Heard(Meaning.MOVED, kind, who, at, new=Who(kind, str(value)))
    for name in sorted(filter(ANSWERS.fullmatch, patient)):
        meaning = {"false": Meaning.OPT_OUT, "true": Meaning.OPT_IN}.get(str(patient[name]).lower())
        if meaning:
            yield Heard(meaning, name, who, at, name, restates=True)


def _subscribe(practice: Practice, now: datetime) -> Polling[None]:
    """Changes are noted for Heed from now on."""
    answer = yield from _asked(practice, "GET", f"{CHANGED}/subscription", now)
    if str(answer.get("status", "")) != "ACTIVE":
        yield from _asked(practice, "POST", f"{CHANGED}/subscription", now)


def _all_fetched(practice: Practice, now: datetime, window: list[tuple[str, str]]) -> Polling[None]:
    """Page by page; what was told before stays in its window, so there the pages are numbered."""
    for page in range(PAGES):
        at = [("offset", str(page * PAGE))] if window and page else []
        count = yield from _fetched(practice, now, [*window, *at])
        if count < PAGE:
            break


def _fetched(practice: Practice, now: datetime, window: list[tuple[str, str]]) -> Polling[int]:
    """How many patients were told; each is an Item of its own, however often they are told."""
    answer = yield from _asked(practice, "GET", CHANGED, now, [("limit", str(PAGE)), *window])
    patients = answer.get("patients")
    if not isinstance(patients, list):
        raise Refused(Later(Reason.GARBLED))
    for patient in patients:
        if isinstance(patient, dict) and patient.get("patientid"):
            kept = {name: value for name, value in patient.items() if name in KEPT or ANSWERS.fullmatch(name)}
            content = json.dumps({**kept, "at": now.isoformat()}).encode()
            yield Item(f"{patient['patientid']} {now.isoformat()}", content)
    return len(patients)


def _asked(
    practice: Practice, method: str, path: str, now: datetime, params: Sequence[tuple[str, str]] = ()
) -> Polling[dict[str, Any]]:
    answer = yield from practice.ask(method, path, params=params)
    if not answer.ok:
        raise Refused(refusal(answer, now))
    return read(answer, dict, now)


def _eastern(moment: datetime) -> str:
    """As athenahealth writes moments."""
    return f"{moment.astimezone(EASTERN):%m/%d/%Y %H:%M:%S}"
