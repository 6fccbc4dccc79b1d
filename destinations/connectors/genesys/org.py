"""A Genesys Cloud organisation: its session, and its do-not-call lists as they stand."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from destinations.contract import (
    Answer,
    Call,
    Held,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    ask,
    by_status,
    read,
)
from destinations.sessions import bearer, client, in_session, signed_in

LISTS, DOWNLOADS = "/api/v2/outbound/dnclists", "/api/v2/downloads"
FRESH = timedelta(seconds=60)  # how long a list that was read is taken for how it stands
WAIT = timedelta(minutes=15)  # an opt-out waits no longer than that for a list to be read


class NotYet(Exception):
    """The vendor is still writing its list out: ask again."""


class Org:
    """What is asked of it, within a session; `memory` holds the session and lists that were just read."""

    def __init__(
        self, settings: Settings, now: datetime, claims: Callable[[], Mapping[str, Mapping[str, Held]]] = dict
    ) -> None:
        self.settings, self.now, self.memory, self.claims = settings, now, settings.memory, claims

    def ask(self, method: str, path: str, **more: Any) -> Steps[Answer]:
        """An answer within a session. Raises Refused."""

        def bearing(token: str) -> Call:
            return Call(method, path, headers=bearer(token), claims=self.claims(), **more)

        return (yield from in_session(self.memory, bearing, self.sign_in))

    def sign_in(self) -> Steps[str]:
        form, base = {"grant_type": "client_credentials"}, self.settings.login_url
        headers, claims = client(self.settings), self.claims()
        call = Call("POST", "/oauth/token", form=form, headers=headers, base=base, claims=claims)
        return (yield from signed_in(call, self.memory, self.now))

    def described(self, place: str) -> Steps[Mapping[str, Any]]:
        """A list's own facts, its size among them; nothing where there is no such list. Raises Refused."""
        answer = yield from self.ask("GET", self.path(place), params=[("includeSize", "true")])
        return {} if answer.status == 404 else read(answer, dict, self.now)

    def numbers(self, place: str) -> Steps[frozenset[str] | None]:
        """The numbers on a list; None where it is too long to be read. Raises NotYet, Refused.

        There is no question about one number: a list is written out whole, and then fetched.
        """
        read_at, numbers = self.memory.get(f"read {place}", (None, frozenset()))
        if read_at and self.now - read_at <= FRESH:
            return numbers  # type: ignore[no-any-return]
        written, uri = yield from self.export(place)
        asked_at, before = self.memory.get(f"asked {place}", (None, ""))
        if asked_at is None or self.now - asked_at > WAIT:
            listed = yield from self.described(place)
            if not listed or int(listed.get("size") or 0) > int(self.settings.read_up_to):
                return None
            self.memory[f"asked {place}"] = (self.now, written)
            self.sure((yield from self.ask("POST", f"{self.path(place)}/export")))
            raise NotYet
        if written == before:
            raise NotYet
        numbers = yield from self.fetched(uri)
        del self.memory[f"asked {place}"]
        self.memory[f"read {place}"] = (self.now, numbers)
        return numbers

    def export(self, place: str) -> Steps[tuple[str, str]]:
        """When the list was last written out, and where that is; twice nothing if it never was."""
        answer = yield from self.ask("GET", f"{self.path(place)}/export")
        if answer.status == 404:
            return "", ""
        said = read(answer, dict, self.now)
        return str(said.get("exportTimestamp") or ""), str(said.get("uri") or "")

    def fetched(self, uri: str) -> Steps[frozenset[str]]:
        """The file is elsewhere, behind a signed address, which must not see the session."""
        name = quote(urlsplit(uri).path.rpartition("/")[2], safe="")
        answer = yield from self.ask("GET", f"{DOWNLOADS}/{name}", params=[("issueRedirect", "false")])
        url = read(answer, dict, self.now).get("url")
        if not isinstance(url, str):
            raise Refused(Later(Reason.GARBLED))
        file = yield from ask(Call("GET", "", base=url, headers={"Accept": "text/csv"}))
        self.sure(file)
        text = file.body.decode("utf-8-sig", errors="replace")
        if text.lstrip().startswith("<"):
            raise Refused(Later(Reason.GARBLED, detail="the file is no list of numbers"))
        return frozenset(e164(row[0]) for row in csv.reader(text.splitlines()) if row and e164(row[0]))

    def sure(self, answer: Answer) -> None:
        """Raises Refused unless it says yes."""
        if not answer.ok:
            raise Refused(by_status(answer, self.now))

    def forget(self, place: str, numbers: Sequence[str]) -> None:
        """They were taken off the list."""
        if kept := self.memory.get(f"read {place}"):
            self.memory[f"read {place}"] = (kept[0], kept[1] - set(numbers))

    def path(self, place: str) -> str:
        return f"{LISTS}/{quote(place, safe='')}"


def e164(value: str) -> str:
    """A number as Heed writes it; nothing where it is none (a heading, for instance)."""
    digits = re.sub(r"[\s().\-]", "", value)
    if not re.fullmatch(r"\+?\d{7,15}", digits):
        return ""
    if digits.startswith("+"):
        return digits
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}"
