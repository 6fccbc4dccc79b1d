"""HubSpot. https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from destinations.connectors.hubspot.portal import CONTACTS, PREFERENCES, Portal
from destinations.connectors.hubspot.round import Round
from destinations.contract import (
    Answer,
    By,
    Call,
    Checked,
    Connector,
    Delivery,
    Glyph,
    Kind,
    Probe,
    Rate,
    Setting,
    Settings,
    Shows,
    Target,
    Wanted,
)

EMAILS = ("marketing_emails", "patient_surveys", "care_follow_ups")
TEXTS_AND_CALLS = (
    ("appointment_reminders", "sms"),
    ("patient_surveys", "sms"),
    ("care_follow_ups", "sms"),
    ("care_follow_ups", "phone"),
    ("phone_outreach", "sms"),
    ("phone_outreach", "phone"),
)


class HubSpot(Connector):
    """Subscription types for email, and properties of contacts for what HubSpot has no type for."""

    slug, name, channels = "hubspot", "HubSpot", frozenset({"email", "sms", "phone"})
    glyph = Glyph.CRM
    addresses, batch_max, shared_records = By.PERSON, 50, True
    found_by, shows = ("email",), Shows.BATCH
    echo = "a change of the same kind within ten minutes of Heed's own write"
    rate, account = Rate(100, 10), ("base_url", "access_token")  # the least that any account may call
    settings = {
        "base_url": Setting("API address", default="https://api.hubapi.com"),
        "access_token": Setting("Access token", "Of a private app", secret=True),
        "subscriptions": Setting("Subscription types", "category: id of the type", many=True, required=False),
        "legal_basis": Setting(
            "Legal basis of an opt-in", "As HubSpot spells it", default="CONSENT_WITH_NOTICE"
        ),
    }
    may_call = (
        f"GET {PREFERENCES}/definitions",
        f"POST {PREFERENCES}/statuses/batch/read",
        f"POST {PREFERENCES}/statuses/batch/write",
        f"POST {CONTACTS}/batch/read",
        f"POST {CONTACTS}/batch/update",
        f"GET {CONTACTS}/*",
        "GET /crm/v3/properties/contacts",
    )
    reads = (f"POST {PREFERENCES}/statuses/batch/read", f"POST {CONTACTS}/batch/read")
    rows = (
        *({"target": f"subscriptions.{each}", "source": f"answer:{each}:email"} for each in EMAILS),
        *(
            {"target": f"properties.{each}_{channel}_opt_out", "source": f"answer:{each}:{channel}"}
            for each, channel in TEXTS_AND_CALLS
        ),
    )
    targets = (
        Target(
            r"subscriptions\.[a-z][a-z0-9_]{0,49}",
            "subscriptions.marketing_emails",
            "a subscription type, by the name it has in the system's settings",
            frozenset({Kind.ANSWER}),
        ),
        Target(
            r"properties\.[a-z][a-z0-9_]{0,99}",
            "properties.phone_outreach_sms_opt_out",
            "a property of contacts, by its internal name: a checkbox, ticked where the person is out",
            frozenset({Kind.ANSWER}),
        ),
    )

    def deliver(self, batch: Sequence[Wanted], settings: Settings) -> Delivery:
        # Statuses and properties are set, on contacts that exist: a repeat changes nothing.
        return Round(batch, settings).through()

    def reserved(self, settings: Settings) -> frozenset[str]:
        return frozenset({"properties.email"})

    def rehearse(self, call: Call, wanted: Wanted, settings: Settings) -> Answer:
        """One contact is theirs, who gets every type of email and has no box ticked."""
        sent = call.json["inputs"]
        said: list[Any] = sent
        if call.path == f"{CONTACTS}/batch/read":
            said = [{"id": "1", "properties": {"email": each["id"]}} for each in sent[:1]]
        elif call.path.endswith("statuses/batch/read"):
            types = [{"subscriptionId": int(each), "status": "SUBSCRIBED"} for each in self._types(settings)]
            said = [{"subscriberIdString": each, "statuses": types} for each in sent]
        elif call.path.endswith("statuses/batch/write"):
            said = [{**each, "status": each["statusState"]} for each in sent]
        return Answer(200, json.dumps({"results": said}).encode())

    def probe(self, settings: Settings, targets: Sequence[str], now: datetime) -> Probe:
        portal = Portal(settings, now)
        types = yield from portal.results("GET", f"{PREFERENCES}/definitions")
        known = {str(each.get("id")) for each in types if each.get("isActive", True)}
        found = [Checked(True, f"The token is accepted. There are {len(known)} subscription types.")]
        properties = yield from portal.results("GET", "/crm/v3/properties/contacts")
        there = {str(each.get("name")) for each in properties}
        for target in targets:
            kind, _, name = target.partition(".")
            if kind == "properties" and name not in there:
                found.append(
                    Checked(False, f"Contacts have no property {name}.", "Make it there: a checkbox.")
                )
            elif kind == "subscriptions" and str((settings.subscriptions or {}).get(name)) not in known:
                words = f"{name}: no subscription type is named for it, or it is gone."
                found.append(Checked(False, words, "Correct it under “Subscription types”."))
        return found

    def _types(self, settings: Settings) -> list[str]:
        return [str(each) for each in (settings.subscriptions or {}).values()]
