"""Google audiences, by the Data Manager API. https://developers.google.com/data-manager/api/reference/rest"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.audiences import SOURCE, Audience, Member, hashed, member
from destinations.contract import (
    Answer,
    Call,
    Checked,
    Confirms,
    Delivery,
    Done,
    Job,
    Probe,
    Reason,
    Refused,
    Setting,
    Settings,
    Steps,
    Stuck,
    Wanted,
    read,
)
from destinations.data_manager import (
    ACCOUNT,
    ASK_AGAIN,
    KEY,
    STATUS,
    Line,
    identifiers,
    request_of,
    status_of,
)

REMOVE = "/v1/audienceMembers:remove"
NOBODY = hashed("nobody@example.com")  # for a test that changes nothing


class Google(Audience):
    """One user list: people are taken out of it."""

    slug, name, confirms = "google", "Google audience (Data Manager)", Confirms.BY_JOB
    account = ("base_url", "account_id")
    settings = {
        **ACCOUNT,
        "audience_id": Setting("Audience id", "The user list's number"),
        "service_account": KEY,
        "audience_source": SOURCE,
    }
    may_call = (f"POST {REMOVE}", f"GET {STATUS}", "POST /token")

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        jobs: dict[str, list[Wanted]] = {}
        for wanted in batch:
            token, _, mark = wanted.job.partition(" ")
            if token and mark == member(wanted).mark:  # else something has changed since
                jobs.setdefault(token, []).append(wanted)
        asked = {wanted.id for each in jobs.values() for wanted in each}
        halves = yield from self._look(jobs, settings)
        yield from self.tell(halves, settings)
        yield from super().deliver([wanted for wanted in batch if wanted.id not in asked], settings)

    def _look(
        self, jobs: Mapping[str, Sequence[Wanted]], settings: Settings
    ) -> Steps[Sequence[Sequence[Member]]]:
        """What became of requests that were taken; returns the halves of those that failed for somebody."""
        left = [wanted for each in jobs.values() for wanted in each]
        again: list[list[Member]] = []
        try:
            for token, people in jobs.items():
                outcome = yield from Line(settings, people[0].now).became(token)
                left = [wanted for wanted in left if wanted not in people]
                if isinstance(outcome, Stuck) and len(people) > 1:
                    members, half = [member(each) for each in people], len(people) // 2
                    again += [members[:half], members[half:]]
                    continue
                for wanted in people:
                    yield wanted.is_(outcome or Job(wanted.job, ASK_AGAIN))
        except Refused as ended:
            yield from (wanted.is_(ended.outcome) for wanted in left)
        return again

    def take_out(
        self, people: Sequence[Member], settings: Settings, now: datetime
    ) -> Steps[Done | Job | Stuck]:
        claims: Mapping[str, Any] = {each.wanted.id: {} for each in people}
        answer = yield from remove(
            Line(settings, now), [identifiers(each.emails, each.phones) for each in people], claims=claims
        )
        if answer.status == 400:
            return Stuck(Reason.REJECTED_DATA, f"HTTP 400 ({status_of(answer)})")
        return Job(request_of(answer, now), ASK_AGAIN)

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        return Answer(200, b'{"access_token": "t", "requestId": "r"}')

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        answer = yield from remove(Line(settings, now), [[{"emailAddress": NOBODY}]], validate=True)
        if answer.status == 400:
            raise Refused(Stuck(Reason.REJECTED_CONFIG, status_of(answer)))
        read(answer, dict, now)
        return [Checked(True, "Google has checked a removal, and done nothing (validateOnly).")]


def remove(
    line: Line, people: Sequence[Any], claims: Mapping[str, Any] | None = None, *, validate: bool = False
) -> Steps[Answer]:
    """These members out of the audience. Raises Refused."""
    destination = {
        "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": line.settings.account_id},
        "productDestinationId": line.settings.audience_id,
    }
    body = {
        "destinations": [destination],
        "audienceMembers": [{"userData": {"userIdentifiers": each}} for each in people],
        "encoding": "HEX",
        "validateOnly": validate,
    }
    return (yield from line.ask("POST", REMOVE, json=body, claims=claims or {}))
