"""A part of a batch: everybody is read and written, those who only leave together."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from destinations.connectors.mailchimp.audience import Audience, title_of
from destinations.connectors.mailchimp.member import CONFIRMS, OUT, STATUS, Member
from destinations.contract import Delivery, Later, Reason, Refused, Settings, Steps, Stuck, Wanted, read

# Titles of Mailchimp's refusals (problem+json); the words beside them quote the address.
COMPLIANCE, FORGOTTEN = "Member In Compliance State", "Forgotten Email Not Subscribed"
BY_THEMSELVES = "Mailchimp takes this person back by their own hand only, on its sign-up form"
WITHOUT_MERGE_FIELDS = [("skip_merge_validation", "true")]  # else an audience may ask for a name first


class Round(Audience):
    """A part of a batch: everybody is read and written, those who only leave together."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        super().__init__(settings, batch[0].now)
        self.waiting = [Member(wanted, settings.interests or {}) for wanted in batch]
        self.exists = False

    def through(self, refused: Refused | None) -> Steps[Refused | None]:
        try:
            if refused:
                raise refused
            leaving = []
            for member in list(self.waiting):
                if member.places:
                    yield from self.read(member)
                if member.change.get(STATUS) == OUT:
                    leaving.append(member)
                else:
                    yield from self.settle(member)
            yield from self.leave(leaving)
        except Refused as ended:
            yield from (member.result(ended.outcome) for member in self.waiting)
            return ended
        return None

    def passed(self, member: Member) -> Delivery:
        self.waiting.remove(member)
        yield member.result(absent=bool(member.places) and not member.known_there)

    def read(self, member: Member) -> Delivery:
        """Decide by what stands there."""
        fields = [("fields", "status,interests,last_changed")]
        answer = yield from self.called("GET", f"{self.path}/members/{member.path}", params=fields)
        if answer.status == 404:
            if not self.exists:  # is it the person, or the audience, that is not there?
                yield from self.ask("GET", self.path, params=[("fields", "id")])
            self.exists = True
            return
        shown = read(answer, dict, self.now)
        if not isinstance(shown.get("status"), str):
            raise Refused(Later(Reason.GARBLED))
        member.decide(shown)

    def settle(self, member: Member) -> Delivery:
        if member.change:
            yield from self.write(member, member.sent())
        yield from self.passed(member)

    def write(self, member: Member, body: Mapping[str, Any]) -> Delivery:
        """PATCH never makes anybody."""
        path = f"{self.path}/members/{member.path}"
        answer = yield from self.called("PATCH", path, json=body, params=WITHOUT_MERGE_FIELDS)
        title = title_of(answer)
        if title == COMPLIANCE and body.get(STATUS) == "subscribed" and member.opts_in:
            yield from self.write(member, {**body, STATUS: "pending"})
        elif title in {COMPLIANCE, FORGOTTEN}:
            member.undone(Stuck(Reason.BY_THEMSELVES, BY_THEMSELVES))
        elif answer.status == 400:
            member.undone(Stuck(Reason.REJECTED_DATA, "HTTP 400"))
        elif answer.status == 404:
            member.known_there = False  # deleted since it was read
            member.undone()
        elif "status" in read(answer, dict, self.now):
            member.wrote(Stuck(Reason.TO_CONFIRM, CONFIRMS) if body.get(STATUS) == "pending" else None)
        else:
            raise Refused(Later(Reason.GARBLED))

    def leave(self, leaving: list[Member]) -> Delivery:
        """Those who leave the audience, with one call; each has an answer of its own in it."""
        if len(leaving) > 1:
            members = [{"email_address": each.wanted.address, **each.sent()} for each in leaving]
            body = {"members": members, "update_existing": True}
            answer = yield from self.called("POST", self.path, json=body, params=WITHOUT_MERGE_FIELDS)
            if answer.status != 400:
                yield from self.left(leaving, read(answer, dict, self.now))
                return
        for member in leaving:
            yield from self.settle(member)

    def left(self, leaving: list[Member], said: Mapping[str, Any]) -> Delivery:
        lists = said.get("updated_members"), said.get("new_members"), said.get("errors")
        if not all(isinstance(each, list) for each in lists):
            raise Refused(Later(Reason.GARBLED))
        updated, made, errors = ({email_of(each): each for each in some or ()} for some in lists)
        for member in leaving:
            email = member.wanted.address.lower()
            if email in errors:
                member.undone(Stuck(Reason.REJECTED_DATA, code_of(errors[email])))
            elif email in updated or email in made:
                member.wrote()
            else:
                member.faults.append(Later(Reason.PARTIAL))
            yield from self.passed(member)


def email_of(row: Any) -> str:
    return str(row.get("email_address", "")).lower() if isinstance(row, dict) else ""


def code_of(error: Mapping[str, Any]) -> str:
    said = str(error.get("error_code", ""))
    return said if re.fullmatch(r"[A-Z_]{1,60}", said) else "no code"
