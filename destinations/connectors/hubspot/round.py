"""A batch: contacts are found, then their subscription types and properties are read and written."""

from collections.abc import Mapping, Sequence
from typing import Any

from destinations.connectors.hubspot.contacts import IN, Contact, Person, moment
from destinations.connectors.hubspot.portal import CONTACTS, NOT_THERE, PREFERENCES, Portal, code_of, fault_of
from destinations.contract import (
    Delivery,
    Held,
    Later,
    Reason,
    Refused,
    Settings,
    Steps,
    Stuck,
    Wanted,
)

BY_EMAIL = [("channel", "EMAIL")]  # the only channel that HubSpot's subscription types have
SAID_YES, GOES_ON = "The person opted in", "Subscribed before; a pause of theirs is over"
NOT_TAKEN = "HubSpot did not take them back: they subscribe by themselves, on its own page"


class Round(Portal):
    """Find the contacts of everybody, decide target by target, write what moves."""

    def __init__(self, batch: Sequence[Wanted], settings: Settings) -> None:
        super().__init__(settings, batch[0].now)
        self.people = [Person(wanted) for wanted in batch]
        self.targets = sorted({target for person in self.people for target in person.targets()})
        named = settings.subscriptions or {}
        self.types = {
            target: int(named[name])
            for target in self.targets
            if (name := target.removeprefix("subscriptions.")) in named
        }
        self.properties = {
            target: target.removeprefix("properties.")
            for target in self.targets
            if target.startswith("properties.")
        }
        self.contacts: dict[str, Contact] = {}

    def claims(self) -> Mapping[str, Mapping[str, Held]]:
        return {person.wanted.id: person.held for person in self.people}

    def through(self) -> Delivery:
        refused: Later | Stuck | None = None
        try:
            if self.types or self.properties:
                yield from self.find()
                yield from self.read_statuses()
                for contact in self.contacts.values():
                    contact.sending()
                yield from self.write_statuses()
                yield from self.write_properties()
        except Refused as ended:
            refused = ended.outcome
        asked = bool(self.types or self.properties)
        for person in self.people:
            yield person.result(refused, absent=asked and bool(person.targets()) and not person.known_there)

    def find(self) -> Steps[None]:
        emails = sorted({email for person in self.people for email in person.emails})
        body = {
            "idProperty": "email",
            "properties": ["email", *sorted(self.properties.values())],
            "propertiesWithHistory": [],
        }
        inputs = [{"id": email} for email in emails]
        for some, said in (yield from self.batch(f"{CONTACTS}/batch/read", inputs, body)):
            if isinstance(said, Stuck):
                self.blame({each["id"] for each in some}, said)
                continue
            if any(code_of(error) != NOT_THERE for error in said.get("errors") or ()):
                raise Refused(Later(Reason.PARTIAL, detail=code_of(said["errors"][0])))
            for row in said["results"]:
                self.match(row)

    def blame(self, emails: set[str], fault: Stuck) -> None:
        for person in self.people:
            person.faults += [fault] if emails & set(person.emails) else []

    def match(self, row: Mapping[str, Any]) -> None:
        """Whose contact this is: by its main address, which is the one that mail goes to."""
        shown = row.get("properties")
        if not isinstance(shown, dict) or not row.get("id"):
            raise Refused(Later(Reason.GARBLED))
        email = str(shown.get("email")).lower()
        owners = [(person, fields) for person in self.people for fields in person.owns(email)]
        if not owners or str(row["id"]) in self.contacts:
            return
        contact = self.contacts[str(row["id"])] = Contact(str(row["id"]), email, owners)
        for person, _ in owners:
            person.known_there = True
        for target, name in self.properties.items():
            contact.decide_property(target, shown.get(name), moment(row.get("updatedAt")))

    def read_statuses(self) -> Steps[None]:
        if not self.types:
            return
        by_email: dict[str, list[Contact]] = {}
        for contact in self.contacts.values():
            by_email.setdefault(contact.email, []).append(contact)
        path, shown = f"{PREFERENCES}/statuses/batch/read", dict[str, Any]()
        for some, said in (yield from self.batch(path, sorted(by_email), {}, params=BY_EMAIL)):
            fault = said if isinstance(said, Stuck) else fault_of(said)
            found = [] if isinstance(said, Stuck) else said["results"]
            shown |= {str(each.get("subscriberIdString")).lower(): each.get("statuses") for each in found}
            self.blame({email for email in some if email not in shown}, fault)  # type: ignore[arg-type]
        for email, contacts in by_email.items():
            for contact in contacts if email in shown else ():
                self.decide_statuses(contact, shown[email])

    def decide_statuses(self, contact: Contact, statuses: Any) -> None:
        if not isinstance(statuses, list):
            raise Refused(Later(Reason.GARBLED))
        by_type = {each.get("subscriptionId"): each for each in statuses if isinstance(each, dict)}
        for target, number in self.types.items():
            if number in by_type:
                contact.decide_status(target, by_type[number])
            elif contact.asked(target):
                words = f"there is no subscription type {number} ({target})"
                for person, _ in contact.owners:
                    person.faults.append(Stuck(Reason.REJECTED_CONFIG, words))

    def write_statuses(self) -> Steps[None]:
        changes = {
            (contact.email, self.types[target]): (contact, target)
            for contact in self.contacts.values()
            for target in contact.changes
            if target in self.types
        }
        inputs = [self.status(*each) for each in changes.values()]
        for some, said in (yield from self.batch(f"{PREFERENCES}/statuses/batch/write", inputs, {})):
            results = [] if isinstance(said, Stuck) else said["results"]
            kept = {
                (str(r.get("subscriberIdString")).lower(), r.get("subscriptionId"), r.get("status"))
                for r in results
            }
            for sent in some:
                contact, target = changes[sent["subscriberIdString"], sent["subscriptionId"]]
                fault: Later | Stuck | None = said if isinstance(said, Stuck) else fault_of(said)
                if (sent["subscriberIdString"], sent["subscriptionId"], sent["statusState"]) in kept:
                    fault = None
                elif isinstance(fault, Stuck) and sent["statusState"] == IN:
                    fault = Stuck(Reason.BY_THEMSELVES, NOT_TAKEN)
                contact.settled(target, fault)

    def status(self, contact: Contact, target: str) -> dict[str, Any]:
        change = contact.changes[target]
        body = {"subscriberIdString": contact.email, "subscriptionId": self.types[target], "channel": "EMAIL"}
        body["statusState"] = change.value
        if change.value == IN:
            words = SAID_YES if change.explicit else GOES_ON
            body |= {"legalBasis": self.settings.legal_basis, "legalBasisExplanation": f"{words} (Heed)"}
        return body

    def write_properties(self) -> Steps[None]:
        inputs = []
        for contact in self.contacts.values():
            values = {
                self.properties[target]: change.value
                for target, change in contact.changes.items()
                if target in self.properties
            }
            inputs += [{"id": contact.id, "properties": values}] if values else []
        for some, said in (yield from self.batch(f"{CONTACTS}/batch/update", inputs, {})):
            results = [] if isinstance(said, Stuck) else said["results"]
            kept = {str(each.get("id")) for each in results}
            for sent in some:
                contact = self.contacts[sent["id"]]
                fault = said if isinstance(said, Stuck) else fault_of(said)
                for target in contact.changes:
                    if target in self.properties:
                        contact.settled(target, None if contact.id in kept else fault)
