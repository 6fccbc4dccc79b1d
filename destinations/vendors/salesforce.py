"""Salesforce by an HTTP callout of a Flow, in the words of our signed webhook.

https://help.salesforce.com/s/articleView?id=platform.flow_concepts_callout.htm
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from destinations.contract import Glyph, Setting, Settings
from destinations.vendors.contract import Heard, Incoming, Item, Meaning, NotAuthentic, Unreadable
from destinations.vendors.generic import SignedWebhook
from destinations.vendors.signatures import same

ID = 15  # characters of a record's id that tell it from others; Salesforce shows 15 or 18


class SalesforceFlow(SignedWebhook):
    """A Flow that tells of a box on a Contact, Lead or person Account."""

    slug, name, connector = "salesforce", "Salesforce Flow", "salesforce"
    glyph = Glyph.CRM
    settings = {
        "secret": Setting("Bearer secret", "Of the named credential that the Flow uses", secret=True),
        "integration_user": Setting(
            "Heed's user there", "Its id: what it changed is our own write", required=False
        ),
    }

    def check(self, call: Incoming, settings: Settings, now: datetime) -> None:
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same(given.strip(), settings.secret):
            raise NotAuthentic("the bearer secret is missing or wrong")

    def split(self, call: Incoming) -> Sequence[Item]:
        body = call.json()
        if not isinstance(body, dict):
            raise Unreadable("an object was expected")
        # Ticked, unticked, ticked again: the bodies are alike, and all are news.
        return [Item(str(body.get("id") or uuid4()), call.body)]

    def read(self, content: bytes, settings: Settings) -> Sequence[Heard]:
        said, body = super().read(content, settings), json.loads(content)
        data = body.get("data") if isinstance(body.get("data"), dict) else {}
        target, record = contacts_name(str(data.get("field", ""))), str(data.get("record", ""))
        by, us = str(data.get("changed_by", "")), getattr(settings, "integration_user", "") or ""
        ours = bool(us) and by[:ID] == us[:ID]
        theirs = bool(us and by) and not ours
        if ours and not target:
            return [replace(each, meaning=Meaning.NOTHING) for each in said]
        if not target and any(each.meaning is Meaning.OPT_IN and not each.choices for each in said):
            raise Unreadable("a yes must name its field (or a category): it would be a yes to everything")
        key = f"{record}.{target}"
        return [replace(each, target=target, key=key, ours=ours, theirs=theirs) for each in said]


def contacts_name(field: str) -> str:
    """A field of a person Account as Contacts spell it, which is how the mapper names it."""
    if field.endswith("__pc"):
        return f"{field[:-4]}__c"
    if field.endswith("__c"):  # one of the organisation's own, whatever it begins with
        return field
    return field.removeprefix("Person")
