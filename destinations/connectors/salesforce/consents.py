"""Consent objects: what an Individual said of one purpose by one kind of contact point.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contactpointtypeconsent.htm
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from destinations.connectors.salesforce.records import Person, Record, moment
from destinations.connectors.salesforce.soql import PREFIX
from destinations.contract import Field, Reason, Settings, Stuck
from destinations.targets import Move, Stood, move, strictest

KIND = "ContactPointTypeConsent"
POINTS = {"email": "Email", "sms": "Phone", "phone": "Phone", "mail": "MailingAddress"}
OUT, IN, UNSAID = "OptOut", "OptIn", "NotSeen"
SHOWN = (
    "Id",
    "PartyId",
    "ContactPointType",
    "DataUsePurposeId",
    "EngagementChannelTypeId",
    "PrivacyConsentStatus",
    "CaptureDate",
    "LastModifiedDate",
)


def about(target: str, settings: Settings) -> dict[str, Any] | Stuck:
    """The fields that tell a consent from others, for `consent.patient_surveys.sms`."""
    _, category, channel = target.split(".")
    purpose = (settings.purposes or {}).get(category)
    how = (settings.engagement_channels or {}).get(channel)
    if not purpose:
        return Stuck(Reason.REJECTED_CONFIG, f"no purpose is named for {category}")
    if not how and POINTS[channel] == "Phone":  # texts and calls go to the same kind of contact point
        return Stuck(Reason.REJECTED_CONFIG, f"no engagement channel is named for {channel}")
    return {"ContactPointType": POINTS[channel], "DataUsePurposeId": purpose, "EngagementChannelTypeId": how}


class Consent(Record):
    """One consent of one Individual, which may have to be made."""

    def __init__(
        self,
        individual: str,
        target: str,
        owners: list[tuple[Person, Mapping[str, Field]]],
        facts: Mapping[str, Any],
    ) -> None:
        super().__init__(KIND, f"{individual}.{target}", owners)
        self.individual, self.target, self.facts = individual, target, facts

    def look(self, rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
        """Decide by the strictest of those that stand there."""
        mine = [row for row in rows if row.get("PartyId") == self.individual and self._is_about(row)]
        row = min(mine, key=lambda each: each.get("PrivacyConsentStatus") != OUT, default=dict[str, Any]())
        self.found, status = str(row.get("Id", "")), str(row.get("PrivacyConsentStatus") or "")
        asked = strictest(fields.get(self.target) for _, fields in self.owners)
        over = next((held.otherwise for person, _ in self.owners if (held := person.held.get(self.id))), "")
        since = moment(row.get("CaptureDate")) if status == OUT else None
        step = self._move(asked, Stood(status == OUT, since, moment(row.get("LastModifiedDate"))), status)
        says_yes = asked is not None and asked.denies is False
        if step is Move.LIFT:
            self._say(IN if says_yes else str(over or UNSAID), asked, now)
        elif step is Move.DENY and status != OUT:
            self._say(OUT, asked, now)
        elif says_yes and status not in {OUT, IN}:
            self._say(IN, asked, now)  # a yes, where nothing says one
        if not self.values:
            for person, key, _, after in self.learnt:
                person.learn(key, after)

    def _move(self, asked: Field | None, stood: Stood, status: str) -> Move:
        """One for all whose consent this is."""
        steps = set()
        for person, _ in self.owners:
            before = person.held.get(self.id)
            step, after = move(asked, before, stood, person.wanted)
            if after and step is Move.DENY:  # what comes back when this no ends
                mine = before is not None and before.wrote
                after = replace(after, otherwise=before.otherwise if before and mine else status or UNSAID)
            steps.add(step)
            self.learnt.append((person, self.id, before, after))
        if Move.LIFT in steps:
            self.learnt = [(person, key, before, None) for person, key, before, _ in self.learnt]
            return Move.LIFT
        for person, _ in self.owners if Move.ASK in steps else ():
            person.asks.add(self.target)
        return next((step for step in (Move.DENY, Move.ASK) if step in steps), Move.KEEP)

    def _is_about(self, row: Mapping[str, Any]) -> bool:
        return all(row.get(name) == value for name, value in self.facts.items())

    def _say(self, status: str, asked: Field | None, now: datetime) -> None:
        at = (asked.since if asked else None) or now
        self.values = {
            "PrivacyConsentStatus": status,
            "CaptureDate": at.isoformat(timespec="milliseconds"),
            "CaptureSource": "Heed",
            "CaptureContactPointType": "Web",
        }

    def sent(self) -> dict[str, Any]:
        """The consent as it is sent: whole where it is made."""
        body = super().sent()
        if self.found:
            return {**body, "id": self.found}
        del body["id"]
        name = self.target.removeprefix(PREFIX).replace(".", " ")
        return {**body, "Name": name, "PartyId": self.individual, **self.facts}

    def read_back(self, row: Mapping[str, Any]) -> None:
        stands = row.get("PrivacyConsentStatus") == self.values["PrivacyConsentStatus"]
        for person, _ in self.owners:
            person.read_back(self.id, stands)
