"""For each connector over HTTP, one scene: its sandbox, how it is connected, and one no that must arrive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from destinations.connectors import CONNECTORS
from destinations.contract import Field, Forwarded, Identified, Wanted
from destinations.sandbox import (
    AthenahealthSandbox,
    FhirSandbox,
    Five9Sandbox,
    Ga4Sandbox,
    GenesysSandbox,
    GoogleEventsSandbox,
    GoogleSandbox,
    HttpSandbox,
    HubSpotSandbox,
    MailchimpSandbox,
    MetaConversionsSandbox,
    MetaSandbox,
    SalesforceSandbox,
    Sandbox,
    SegmentSandbox,
    SendGridSandbox,
    Tracker,
    WebhookSandbox,
)
from tests.destinations.connectors.conftest import OUT, Engine, email, happened, mrn, wanted
from tests.destinations.connectors.smart import SIGNS_IN, registered

ANA, PHONE = "ana@example.org", "+12025550143"
NIGHT = datetime(2026, 7, 2, 7, 30, tzinfo=UTC)  # when Five9 takes changes
SNAPSHOT = {
    "profile": "5b0e0b4e-7f3c-4e53-9f8f-0c8f6b1c2d3e",
    "identifiers": [{"kind": "email", "value": ANA}],
    "preferences": {"marketing_emails": {"email": {"state": "opted_out", "allowed": False}}},
    "restrictions": [],
}


@dataclass(frozen=True)
class Scene:
    """`given`: the settings; `known`: under what the sandbox files whom the no is about."""

    made: Callable[[], Sandbox]
    given: Callable[[Any], Mapping[str, Any]]
    told: Callable[[], Wanted | Forwarded]
    known: str = f"email:{ANA}"
    seeds: Mapping[str, Any] | None = None

    def arrived(self, sandbox: Sandbox) -> bool:
        """Does the system believe the no, or has it the event?"""
        if isinstance(self.told(), Forwarded):
            assert isinstance(sandbox, Tracker)
            return len(sandbox.events) == 1 or (sandbox.slug == "ga4" and bool(sandbox.events))
        with sandbox.store:
            record = sandbox.found([self.known]).record
            beliefs = sandbox.believes(record) if record else []
            return any(belief.may is False or belief.says == "True" for belief in beliefs)

    def engine(self, slug: str, sandbox: Sandbox) -> Engine:
        given = dict(self.given(sandbox))
        return Engine(CONNECTORS[slug], given.pop("base_url", sandbox.url), **given)


def about(target: str, field: Field = OUT, **more: Any) -> Wanted:
    return wanted(fields={target: field}, **more)


def at_hubspot() -> Wanted:
    field = {"subscriptions.marketing_emails": OUT}
    return wanted(identifiers=(email(ANA),), fields=field, fields_at={ANA: field})


def in_an_audience() -> Wanted:
    return about("removed", identifiers=[email(ANA), Identified("external_id", "ads", "7")])


def booked() -> Forwarded:
    return happened(
        "appointment_booked",
        email(ANA),
        Identified("external_id", "crm", "7"),
        Identified("anonymous_id", "web", "b1"),
    )


SCENES: Mapping[str, Scene] = {
    "meta": Scene(
        MetaSandbox,
        lambda _: {"audience_id": "a1", "access_token": "EAAtest", "audience_source": "ads"},
        in_an_audience,
        seeds={"audiences": [{"id": "a1"}], "members": [{"audience": "a1", "email": ANA}]},
    ),
    "google": Scene(
        GoogleSandbox,
        lambda sandbox: {
            "token_url": f"{sandbox.url}/token",
            "account_id": "123",
            "audience_id": "9",
            "service_account": sandbox.service_account,
            "audience_source": "ads",
        },
        in_an_audience,
        seeds={"members": [{"list": "9", "email": ANA}]},
    ),
    "sendgrid": Scene(
        SendGridSandbox,
        lambda _: {"api_key": "SG.test", "groups": {"marketing_emails": 101}},
        lambda: about("groups.marketing_emails", address=ANA),
        seeds={"groups": [{"id": 101, "name": "Newsletter"}]},
    ),
    "salesforce": Scene(
        SalesforceSandbox,
        lambda _: {"client_id": "heed", "client_secret": "hush"},
        lambda: about("Marketing_Emails_Email_Opt_Out__c", identifiers=[mrn("4711")]),
        known="mrn:4711",
        seeds={"Contact": [{"LastName": "Ruiz", "Email": ANA, "MRN__c": "4711"}]},
    ),
    "fhir": Scene(
        FhirSandbox,
        lambda _: {
            "organisation": "St. Mary",
            "mrn_systems": {"st-mary": "urn:mrn"},
            "bundle_max": "50",
            **SIGNS_IN,
        },
        lambda: wanted(
            fields={"marketing_emails.email": OUT, "sale_or_sharing.": OUT},
            identifiers=[mrn("4711")],
            now=datetime.now(UTC),
        ),
        known="mrn:4711",
        seeds={
            "Patient": [{"id": "ana", "identifier": [{"system": "urn:mrn", "value": "4711"}]}],
            **registered(),
        },
    ),
    "webhook": Scene(
        WebhookSandbox,
        lambda sandbox: {"base_url": f"{sandbox.url}/hooks/heed", "secret": sandbox.secret},
        lambda: wanted(snapshot=SNAPSHOT, now=datetime.now(UTC)),
    ),
    "mailchimp": Scene(
        MailchimpSandbox,
        lambda _: {"api_key": "key-us21", "list_id": "a1", "interests": {}},
        lambda: about("status", address=ANA),
        seeds={"lists": [{"id": "a1", "name": "A"}], "members": [{"list": "a1", "email": ANA}]},
    ),
    "hubspot": Scene(
        HubSpotSandbox,
        lambda _: {"access_token": "pat-test", "subscriptions": {"marketing_emails": 11}},
        at_hubspot,
        seeds={"types": [{"id": 11, "name": "Newsletter"}], "contacts": [{"id": "1", "email": ANA}]},
    ),
    "genesys": Scene(
        GenesysSandbox,
        lambda sandbox: {
            "login_url": sandbox.url,
            "client_id": "heed",
            "client_secret": "s",
            "lists": {"phone": "calls"},
        },
        lambda: about("lists.phone", address=PHONE),
        known=f"phone:{PHONE}",
        seeds={"lists": [{"id": "calls", "name": "Calls"}]},
    ),
    "five9": Scene(
        lambda: Five9Sandbox(clock=lambda: NIGHT),
        lambda _: {"username": "heed", "password": "p"},
        lambda: about("phone", address=PHONE, now=NIGHT),
        known=f"phone:{PHONE}",
    ),
    "athenahealth": Scene(
        AthenahealthSandbox,
        lambda _: {
            "practice_id": "195900",
            "department_id": "1",
            "authority": "st-mary",
            "client_id": "heed",
            "client_secret": "s",
        },
        lambda: about("contactpreference_appointment_sms", identifiers=[mrn("4711")]),
        known="mrn:4711",
        seeds={"patients": [{"patientid": "4711"}]},
    ),
    "http": Scene(
        HttpSandbox,
        lambda _: {"method": "PUT", "path": "/people/{mrn}", "secret": "Bearer in-house", "absent": "404"},
        lambda: about("unsubscribed", identifiers=[mrn("4711")]),
        known="mrn:4711",
        seeds={"people": [{"number": "4711", "email": ANA}]},
    ),
    "http_address": Scene(
        HttpSandbox,
        lambda _: {
            "path": "/addresses",
            "secret": "Bearer in-house",
            "body": {"email": "{email}"},
            "items": "people",
            "results": "results",
            "success": {"code": "ok"},
        },
        lambda: about("unsubscribed", address=ANA),
        seeds={"people": [{"number": "4711", "email": ANA}]},
    ),
}

EVENTS: Mapping[str, Scene] = {
    "webhook": Scene(WebhookSandbox, SCENES["webhook"].given, booked),
    "meta_conversions": Scene(
        MetaConversionsSandbox, lambda _: {"dataset_id": "d1", "access_token": "EAAtest"}, booked
    ),
    "ga4": Scene(Ga4Sandbox, lambda _: {"measurement_id": "G-1", "api_secret": "hush"}, booked),
    "google_events": Scene(
        GoogleEventsSandbox,
        lambda sandbox: {
            "token_url": f"{sandbox.url}/token",
            "account_id": "123",
            "conversion_id": "9",
            "service_account": sandbox.service_account,
        },
        booked,
    ),
    "segment": Scene(SegmentSandbox, lambda _: {"write_key": "wk", "namespace": "crm"}, booked),
}
