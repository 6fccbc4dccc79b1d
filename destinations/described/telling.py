"""Telling a system that settings describe: rows, calls, answers. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from destinations.contract import (
    Answer,
    Call,
    Delivery,
    Held,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    Wanted,
    ask,
)
from destinations.described import answers, places
from destinations.described.places import Values
from destinations.sessions import in_session, signed_in
from destinations.targets import Progress, Stood, move

BATCH = 50
LEFT = "cannot see what stood there before Heed’s no: lift it there by hand if it is right to"


class Row(Progress):
    """One row under way: the records that it is about, and what they must hold."""

    def __init__(self, wanted: Wanted, records: Sequence[Values], *, ours: bool) -> None:
        super().__init__(wanted)
        self.records, self.says, self.over = records, dict[str, Any](), list[str]()
        self.noted: dict[str, Held | None] = {}  # what is known once a call has left
        self.known_there = False
        for target in {**wanted.held, **wanted.fields}:
            self._decide(target, ours)
        if self.says:  # a fact alone is no reason to call
            self.says |= {target: field.value for target, field in wanted.fields.items() if field.fact}

    def _decide(self, target: str, ours: bool) -> None:
        field, known = self.wanted.fields.get(target), self.wanted.held.get(target)
        if field is not None and field.denies:
            self.says[target] = field.value
            self.noted[target] = move(field, known, Stood(False) if ours else None, self.wanted)[1]
        elif field is not None and field.denies is None:
            return
        elif ours and (field is not None or known is not None):
            self.says[target] = field.value if field else known.otherwise if known else None
            self.over.append(target)
        elif known is not None and known.wrote:
            self.faults.append(Stuck(Reason.NEEDS_PERSON, f"{target}: Heed {LEFT}"))

    def sent(self) -> None:
        """Before its call, for the answer may be lost."""
        for target, known in self.noted.items():
            self.learn(target, known)

    def took(self) -> None:
        self.known_there = True
        for target in self.over:
            self.learn(target, None)

    def refuse(self, fault: Stuck) -> None:
        self.undone()
        self.faults.append(fault)

    def undone(self) -> None:
        """Where nothing was written, what was known before holds."""
        if not self.known_there:
            self.held = dict(self.wanted.held)


class Line:
    """The calls to one system."""

    def __init__(self, rows: Sequence[Row], settings: Settings, now: datetime) -> None:
        self.settings, self.now, self.waiting = settings, now, list(rows)

    def told(self) -> Delivery:
        """Everybody's result."""
        try:
            yield from self._through()
        except ValueError as words:
            yield from self._ended(Stuck(Reason.REJECTED_CONFIG, str(words)))
        except Refused as refused:
            yield from self._ended(refused.outcome)

    def _through(self) -> Delivery:
        for row in [each for each in self.waiting if not (each.says and each.records)]:
            yield from self._passed(row)
        if self.settings.items:
            yield from self._tell_many(list(self.waiting))
        for row in list(self.waiting):
            for record in row.records:
                yield from self._tell([(row, record)])
            yield from self._passed(row)

    def _ended(self, outcome: Later | Stuck) -> Delivery:
        """What concerns everybody who is left."""
        for row in self.waiting:
            if isinstance(outcome, Stuck):
                row.undone()
            yield row.result(outcome)

    def _passed(self, row: Row) -> Delivery:
        self.waiting.remove(row)
        absent = bool(row.says) and not row.known_there
        if absent:
            row.undone()
        yield row.result(absent=absent)

    def _tell_many(self, rows: Sequence[Row]) -> Delivery:
        if rows:
            yield from self._tell([(row, record) for row in rows for record in row.records])
        for row in rows:
            yield from self._passed(row)

    def _tell(self, about: Sequence[tuple[Row, Values]]) -> Steps[None]:
        """One call about these. A refusal of many hangs on one of them: their halves are tried alone."""
        parts = [places.body_of(self.settings.body or {}, values, row.says) for row, values in about]
        try:
            call = self._call(parts, about[0][1])
        except ValueError as words:  # this number can be no name: it concerns this person alone
            about[0][0].refuse(Stuck(Reason.REJECTED_DATA, str(words)))
            return
        answer = yield from self._answered(call, [row for row, _ in about])
        if self.settings.absent and str(answer.status) == self.settings.absent and len(about) == 1:
            return
        fault = answers.refusal(answer, self.settings, self.now)
        if isinstance(fault, Stuck) and fault.reason is Reason.REJECTED_DATA:
            yield from self._apart(about, fault)
        elif fault:
            raise Refused(fault)
        else:
            self._took(about, parts, answer)

    def _apart(self, about: Sequence[tuple[Row, Values]], fault: Stuck) -> Steps[None]:
        if len(about) == 1:
            about[0][0].refuse(fault)
            return
        half = len(about) // 2
        yield from self._tell(about[:half])
        yield from self._tell(about[half:])

    def _took(self, about: Sequence[tuple[Row, Values]], parts: Sequence[Any], answer: Answer) -> None:
        try:
            said = answers.each_of(answer, parts, self.settings)
        except ValueError as words:
            raise Refused(Later(Reason.GARBLED, detail=str(words))) from None
        for (row, _), fault in zip(about, said, strict=True):
            row.refuse(fault) if fault else row.took()

    # --- calls ---

    def _call(self, parts: Sequence[Any], values: Values) -> Call:
        asked = self.settings
        body = places.placed([(asked.items, list(parts))]) if asked.items else parts[0]
        call = Call(asked.method, places.path_for(asked.path, values), headers=dict(asked.headers or {}))
        if asked.format == "form":
            return replace(call, form=dict(_flat(body)))
        return replace(call, json=body)

    def _answered(self, call: Call, rows: Sequence[Row]) -> Steps[Answer]:
        """With our credentials; a token that has run out is renewed once. Raises Refused."""
        asked = self.settings

        def bearing(secret: str) -> Call:
            for row in rows:
                row.sent()
            claims = {row.wanted.id: row.held for row in rows}
            return replace(call, headers={**call.headers, asked.secret_header: secret}, claims=claims)

        if not asked.token_url:
            return (yield from ask(bearing(asked.secret)))
        return (yield from in_session(asked.memory, lambda token: bearing(f"Bearer {token}"), self.sign_in))

    def sign_in(self) -> Steps[str]:
        asked = self.settings
        form = {"grant_type": "client_credentials", "client_id": asked.client_id}
        form |= {"client_secret": asked.secret, **({"scope": asked.scope} if asked.scope else {})}
        url = urlsplit(asked.token_url)
        call = Call("POST", url.path, form=form, base=f"{url.scheme}://{url.netloc}")
        return (yield from signed_in(call, asked.memory, self.now, _no_token))


def _no_token(answer: Answer) -> str:
    return f"no token: HTTP {answer.status}"


def _flat(body: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """A form's names: `a.b`, `a[0]`."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from _flat(value, f"{at}.{name}" if at else name)
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from _flat(value, f"{at}[{number}]")
    else:
        yield at, body if isinstance(body, str) else json.dumps(body)
