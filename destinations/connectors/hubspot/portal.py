"""One HubSpot account: calls to it, and what their refusals mean."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.contract import (
    Answer,
    Call,
    Held,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    ask,
    by_status,
    read,
)

# The dated API: its shape stays, whatever comes after it.
PREFERENCES, CONTACTS = "/communication-preferences/2026-03", "/crm/v3/objects/contacts"
AT_ONCE = 100  # inputs of one call
MISCONFIGURED = {"PROPERTY_DOESNT_EXIST", "INVALID_OPTION", "MISSING_SCOPES"}
NOT_THERE = "OBJECT_NOT_FOUND"


class Portal:
    """One account."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now
        self.headers = {"Authorization": f"Bearer {settings.access_token}"}

    def claims(self) -> Mapping[str, Mapping[str, Held]]:
        """What will be known of each person's targets if an answer is lost."""
        return {}

    def called(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        return (yield from ask(Call(method, path, headers=self.headers, claims=self.claims(), **more)))

    def results(self, method: str, path: str, **more: Any) -> Steps[list[Mapping[str, Any]]]:
        answer = yield from self.called(method, path, **more)
        if not answer.ok:
            raise Refused(refusal(answer, self.now))
        return listed(read(answer, dict, self.now), "results")

    def batch(
        self, path: str, inputs: Sequence[Any], body: Mapping[str, Any], **more: Any
    ) -> Steps[list[tuple[Sequence[Any], Stuck | Mapping[str, Any]]]]:
        """POST inputs, a hundred at a time; where one spoils the whole call, halves are tried alone."""
        if not inputs:
            return []
        if len(inputs) > AT_ONCE:
            first = yield from self.batch(path, inputs[:AT_ONCE], body, **more)
            return first + (yield from self.batch(path, inputs[AT_ONCE:], body, **more))
        answer = yield from self.called("POST", path, json={**body, "inputs": list(inputs)}, **more)
        if answer.ok:
            said = read(answer, dict, self.now)
            listed(said, "results")
            return [(inputs, said)]
        fault = refusal(answer, self.now)
        if isinstance(fault, Later) or fault.reason is not Reason.REJECTED_DATA:
            raise Refused(fault)
        if len(inputs) == 1:
            return [(inputs, fault)]
        half = len(inputs) // 2
        first = yield from self.batch(path, inputs[:half], body, **more)
        return first + (yield from self.batch(path, inputs[half:], body, **more))


def listed(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects in an answer that says yes; else Refused."""
    rows = said.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(Later(Reason.GARBLED))
    return rows


def fault_of(said: Mapping[str, Any]) -> Later | Stuck:
    """Why something that was asked for is not among the results: HubSpot says yes to the rest."""
    errors = said.get("errors") or [None]
    code = code_of(errors[0])
    return Stuck(Reason.REJECTED_DATA, code) if code else Later(Reason.PARTIAL)


def code_of(error: Any) -> str:
    """Its code, and only if it looks like one: words beside it may quote the contact."""
    said = error if isinstance(error, dict) else {}
    inner = (said.get("errors") or [{}])[0]
    codes = [inner.get("code") if isinstance(inner, dict) else None, said.get("category")]
    return next((str(code) for code in codes if re.fullmatch(r"[A-Z_]{1,60}", str(code))), "")


def refusal(answer: Answer, now: datetime) -> Later | Stuck:
    """What an answer means that refuses the call as a whole."""
    code = code_of(answer.json())
    if code in MISCONFIGURED:
        return Stuck(Reason.REJECTED_CONFIG, code)
    return by_status(answer, now)
