"""Salesforce. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from destinations.connectors.salesforce.consents import KIND, about
from destinations.connectors.salesforce.org import Org
from destinations.connectors.salesforce.records import Person
from destinations.connectors.salesforce.round import Round
from destinations.connectors.salesforce.soql import PREFIX, named
from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Items,
    Kind,
    Probe,
    Rate,
    Refused,
    Setting,
    Settings,
    Shows,
    Stuck,
    Target,
    Wanted,
)

OFFERED = {
    "marketing_emails": ("email",),
    "appointment_reminders": ("sms", "email", "phone"),
    "patient_surveys": ("email", "sms"),
    "care_follow_ups": ("email", "sms", "phone", "mail"),
    "phone_outreach": ("phone", "sms"),
}
AT_ONCE = 50  # people: part of a large batch must be done before time is up


class Salesforce(Connector):
    """A field for each category and channel on Contacts, Leads and person Accounts."""

    slug, name = "salesforce", "Salesforce"
    glyph = Glyph.CRM
    channels = frozenset({"email", "sms", "phone", "mail"})
    addresses, batch_max = By.PERSON, 200
    reads_back = shared_records = True
    echo = "a box that Heed itself ticked within ten minutes before"
    found_by, items, shows = ("mrn", "email", "phone"), Items.TOGETHER, Shows.BATCH
    # The least that an organisation has in 24 hours, its other systems included (API Request Limits).
    rate = Rate(100_000, 86_400)
    settings = {
        "base_url": Setting("My Domain URL", "https://<your domain>.my.salesforce.com"),
        "login_url": Setting("Sign-in URL", "Empty: My Domain, where this sign-in must go", required=False),
        "client_id": Setting("Consumer key"),
        "client_secret": Setting("Consumer secret", secret=True),
        "api_version": Setting("API version", default="v62.0"),
        "mrn_field": Setting("Field that holds the record number", default="MRN__c"),
        "mrn_authority": Setting("Authority of those numbers", "Empty: any", required=False),
        "objects": Setting("Objects", default="Contact, Lead, Account"),
        "purposes": Setting("Data use purposes", "category: its id; for consents", many=True, required=False),
        "engagement_channels": Setting(
            "Engagement channel types", "sms: its id, phone: its id; for consents", many=True, required=False
        ),
    }
    may_call = (
        "POST /services/oauth2/token",
        "GET /services/data/*/query",
        "GET /services/data/*/query/*",
        "PATCH /services/data/*/composite/sobjects",
        "POST /services/data/*/composite/sobjects",
        "GET /services/data/*/sobjects/*/describe",
        "GET /services/data/*/limits",
    )
    reads = (
        "POST /services/oauth2/token",
        "GET /services/data/*/query",
        "GET /services/data/*/query/*",
    )
    rows = (
        *(
            {"target": f"{each.title()}_{channel.title()}_Opt_Out__c", "source": f"answer:{each}:{channel}"}
            for each, channels in OFFERED.items()
            for channel in channels
        ),
        {"target": "HasOptedOutOfEmail", "source": "all_out:email"},
        {"target": "DoNotCall", "source": "all_out:phone"},
    )
    targets = (
        Target(
            r"[A-Za-z](_?[A-Za-z0-9])*__c",
            "Preferred_Language__c",
            "a field of your own, by its API name on Contacts and Leads",
            frozenset({Kind.ANSWER, Kind.YES_NO, Kind.TEXT, Kind.NUMBER}),
            facts=True,
        ),
        Target(
            "HasOptedOutOfEmail|DoNotCall|HasOptedOutOfFax",
            "HasOptedOutOfEmail",
            "a checkbox of Salesforce's own, ticked where the person is out",
            frozenset({Kind.ANSWER}),
        ),
        Target(
            r"consent\.[a-z][a-z0-9_]{0,49}\.(email|sms|phone|mail)",
            "consent.marketing_emails.email",
            "a consent by purpose (ContactPointTypeConsent), where the organisation has data protection on",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # An update sets checkboxes of records that exist: a repeat changes nothing, and nobody is created.
        refused: Refused | None = None
        for start in range(0, len(batch), AT_ONCE):
            refused = yield from Round(batch[start : start + AT_ONCE], settings).through(refused)

    def reserved(self, settings: Settings) -> frozenset[str]:
        return frozenset({settings.mrn_field})

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """One Contact is theirs, in which nobody has filled in anything else."""
        if call.form:
            return Answer(200, json.dumps({"access_token": "rehearsal"}).encode())
        if call.json:
            return Answer(200, json.dumps([{"success": True} for _ in call.json["records"]]).encode())
        found_by = {"mrn": settings.mrn_field, "email": "Email", "phone": "Phone"}
        keys = Person(wanted, settings.mrn_authority).keys
        theirs = {found_by[way]: spelling for (way, _), (spelling, _) in keys.items() if way in found_by}
        is_contact = " FROM Contact " in dict(call.params).get("q", "")
        records = [{"Id": "their-record", "IndividualId": "theirs", **theirs}] if is_contact else []
        return Answer(200, json.dumps({"records": records}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        org = Org(settings, now)
        limits = yield from org.ask("GET", f"{org.data}/limits", dict)
        left = limits.get("DailyApiRequests", {})
        words = f"The sign-in works. {left.get('Remaining')} of {left.get('Max')} calls are left today."
        found = [Checked(True, words)]
        fields = [target for target in targets if not target.startswith(PREFIX)]
        for kind in org.kinds():
            described = yield from org.ask("GET", f"{org.data}/sobjects/{kind}/describe", dict)
            there = {str(each.get("name")): each for each in described.get("fields", ())}
            found += _missing(kind, [settings.mrn_field, *fields], there)
        consents = {target: about(target, settings) for target in targets if target.startswith(PREFIX)}
        for target, facts in consents.items():
            if isinstance(facts, Stuck):
                found.append(Checked(False, f"{target}: {facts.detail}.", "Name it in the settings."))
        if consents:
            yield from org.ask("GET", f"{org.data}/sobjects/{KIND}/describe", dict)
        return found


def _missing(kind: str, targets: Sequence[str], there: Mapping[str, Mapping[str, Any]]) -> Iterator[Checked]:
    """Fields that an object lacks, or that this sign-in may not write."""
    names = {named(kind, target): target for target in targets}
    lacks = [name for name in names if name not in there]
    if lacks:
        words = f"{kind} has no field {', '.join(lacks)}."
        yield Checked(False, words, "Make them there, or let this sign-in see them (field-level security).")
    closed = [name for name in list(names)[1:] if not there.get(name, {}).get("updateable", True)]
    if closed:
        yield Checked(False, f"{kind}: {', '.join(closed)} can't be written.", "Let this sign-in edit them.")
    if not lacks and not closed:
        yield Checked(True, f"{kind} has every field that is told.")
