"""How Heed is connected to the demo's systems, both ways: whom it tells, and who tells it."""

import base64
from collections.abc import Container, Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from config.demo import systems
from config.demo.doors import PHONES, door, told_by_heed
from destinations.connectors import CONNECTORS
from destinations.models import Destination, Inbound
from destinations.sandbox.phones import ACCOUNT, NUMBER
from destinations.services import save_destination
from destinations.services.listening import save_inbound
from destinations.terms import DestinationState, Purpose
from destinations.vendors import VENDORS
from preferences.services import publish
from preferences.terms import RevisionKind

# What else each is told, beyond the rows that come with its connector.
MORE_ROWS = {
    "hl7": [
        {"target": f"Z.{category}.{channel}", "source": f"answer:{category}:{channel}"}
        for category in ("appointment_reminders", "care_follow_ups")
        for channel in ("sms", "email", "phone")
    ],
    "genesys": [
        {"target": f"lists.{name}", "source": f"answer:{category}:phone"}
        for name, category in (
            ("reminders", "appointment_reminders"),
            ("care", "care_follow_ups"),
            ("outreach", "phone_outreach"),
        )
    ],
}
WHY = "This hospital's own fields and lists"


def connected() -> bool:
    return Destination.objects.exists()


def point_to(sandboxes: Mapping[str, str], secrets: Mapping[str, str]) -> bool:
    """Connect each system to where it listens; True where somebody has to be told of it."""
    moved = False
    for slug, described in _connections(sandboxes, secrets).items():
        known = Destination.objects.filter(slug=slug).first()
        if known is None or known.settings.get("base_url") != described["settings"]["base_url"]:
            save_destination(
                destination=known,
                slug=slug,
                connector=slug,
                state=DestinationState.LIVE,
                agreement="Sandbox on this machine: invented people only",
                author="demo",
                **described,
            )
            if known is None and slug in MORE_ROWS:
                _tell_more(slug)
            moved = True
    return moved


def _tell_more(slug: str) -> None:
    rows = [*map(dict, CONNECTORS[slug].rows), *MORE_ROWS[slug]]
    body = {"connector": slug, "rows": rows}
    publish(kind=RevisionKind.MAPPER, key=slug, body=body, author="demo", reason=WHY)


def listen(secrets: Mapping[str, str], *, to: Container[str]) -> None:
    """Let these tell Heed, at `/inbound/<slug>`; those that do already are left as they are."""
    for slug, (name, vendor, settings, secret) in _incoming(secrets).items():
        if slug in to and not Inbound.objects.filter(source__slug=slug).exists():
            system = Destination.objects.filter(slug=slug, connector=VENDORS[vendor].connector).first()
            save_inbound(
                slug=slug, name=name, vendor=vendor, settings=settings, secrets=secret, system=system
            )


def text_by(url: str) -> None:
    """Let texts of Heed's own leave by the phones' sandbox, wherever it listens this time."""
    known = Inbound.objects.select_related("source").filter(source__slug=PHONES).first()
    if known is None or known.settings.get("base_url") == url:
        return
    save_inbound(
        inbound=known,
        slug=PHONES,
        name=known.source.name,
        vendor=known.vendor,
        settings={
            "account_sid": ACCOUNT,
            "api_key": ACCOUNT,
            "sender": NUMBER,
            **known.settings,
            "base_url": url,
        },
        secrets={"api_key_secret": "demo"},
        speaks_for_person=known.source.speaks_for_person,
    )


Incoming = tuple[str, str, dict[str, str], dict[str, str]]


def _incoming(secrets: Mapping[str, str]) -> dict[str, Incoming]:
    """Slug -> name, vendor, settings, secrets."""
    return {
        "twilio": ("Text messages", "twilio", {}, {"auth_token": secrets["twilio"]}),
        "sendgrid": ("SendGrid", "sendgrid", {"public_key": public_key(secrets["sendgrid"])}, {}),
        "mailchimp": ("Mailchimp", "mailchimp", {}, {"secret": secrets["mailchimp"]}),
        "salesforce": ("Salesforce", "salesforce", {}, {"secret": secrets["salesforce"]}),
        "hubspot": ("HubSpot", "hubspot", {}, {"client_secret": secrets["hubspot"]}),
        "webhook": ("Front desk", "webhook", {}, {"secret": secrets["webhook"]}),
    }


def public_key(private_key: str) -> str:
    """SendGrid's verification key for the key that signs, as its page shows it."""
    key = load_pem_private_key(private_key.encode(), None).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _connections(sandboxes: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Slug -> what staff would enter."""

    def at(slug: str) -> dict[str, Any]:
        return {"base_url": door(slug, sandboxes)}

    every = {
        "sendgrid": {
            "name": "SendGrid",
            "public_label": "Our email service",
            "public_labels": {"es": "Nuestro servicio de correo electrónico"},
            "purpose": Purpose.MARKETING,
            "settings": {**at("sendgrid"), "groups": numbers(systems.GROUPS)},
            "secrets": {"api_key": "SG.demo"},
        },
        "mailchimp": {
            "name": "Mailchimp",
            "public_label": "Our newsletter",
            "public_labels": {"es": "Nuestro boletín"},
            "purpose": Purpose.MARKETING,
            "settings": {
                **at("mailchimp"),
                "list_id": systems.NEWSLETTER,
                "interests": numbers(systems.TOPICS),
            },
            "secrets": {"api_key": "demo-us21"},
        },
        "salesforce": {
            "name": "Salesforce",
            "public_label": "Our contact records",
            "public_labels": {"es": "Nuestro registro de contactos"},
            "purpose": Purpose.MARKETING,
            "settings": {**at("salesforce"), "client_id": "heed"},
            "secrets": {"client_secret": "demo"},
        },
        "hubspot": {
            "name": "HubSpot",
            "public_label": "Our classes and events",
            "public_labels": {"es": "Nuestras clases y eventos"},
            "purpose": Purpose.MARKETING,
            "settings": {**at("hubspot"), "subscriptions": numbers(systems.SUBSCRIPTIONS)},
            "secrets": {"access_token": "pat-demo"},
            "rate": "200/second",  # HubSpot's own would hold the first telling of everyone back for long
        },
        "fhir": {
            "name": "Patient record (FHIR)",
            "public_label": "Your medical record",
            "public_labels": {"es": "Su expediente médico"},
            "purpose": Purpose.RECORDS,
            "settings": {
                **at("fhir"),
                "mrn_systems": {systems.AUTHORITY: systems.MRN_SYSTEM},
                "organisation": "Riverside Health",
                "bundle_max": "50",
            },
            "secrets": {"token": "demo"},
        },
        "hl7": {
            "name": "Scheduling (HL7 v2)",
            "public_label": "Our appointment system",
            "public_labels": {"es": "Nuestro sistema de citas"},
            "purpose": Purpose.APPOINTMENTS,
            "settings": {
                **at("hl7"),
                "authorities": {systems.AUTHORITY: systems.FACILITY},
                "sole_writer": "yes",
                "z_segment": "ZCP|{number}|{category}|{channel}|{answer}|{since}",
            },
            "secrets": {},
        },
        "genesys": {
            "name": "Genesys Cloud",
            "public_label": "Our call center",
            "public_labels": {"es": "Nuestro centro de llamadas"},
            "purpose": Purpose.CALL_CENTER,
            "settings": {
                **at("genesys"),
                "login_url": door("genesys", sandboxes),
                "client_id": "heed",
                "lists": numbers(systems.CALL_LISTS),
            },
            "secrets": {"client_secret": "demo"},
        },
        "meta": {
            "name": "Meta",
            "public_label": "Our advertising",
            "public_labels": {"es": "Nuestra publicidad"},
            "purpose": Purpose.ADVERTISING,
            "settings": {**at("meta"), "audience_id": systems.AUDIENCE, "audience_source": "advertising"},
            "secrets": {"access_token": "EAAdemo"},
        },
        "meta_conversions": {
            "name": "Meta Conversions",
            "public_label": "Our advertising",
            "public_labels": {"es": "Nuestra publicidad"},
            "purpose": Purpose.ADVERTISING,
            "settings": {
                **at("meta_conversions"),
                "dataset_id": systems.DATASET,
                "action_source": "system_generated",
            },
            "secrets": {"access_token": "EAAdemo"},
        },
        "ga4": {
            "name": "Google Analytics",
            "public_label": "Our website statistics",
            "public_labels": {"es": "Las estadísticas de nuestro sitio web"},
            "purpose": Purpose.ANALYTICS,
            "settings": {**at("ga4"), "measurement_id": "G-RIVERSIDE", "params": {"value": "value"}},
            "secrets": {"api_secret": "hush"},
        },
        "google_events": {
            "name": "Google Ads",
            "public_label": "Our advertising",
            "public_labels": {"es": "Nuestra publicidad"},
            "purpose": Purpose.ADVERTISING,
            "settings": {
                **at("google_events"),
                "token_url": f"{door('google_events', sandboxes)}/token",
                "account_id": systems.ADS_ACCOUNT,
                "conversion_id": systems.CONVERSION,
            },
            "secrets": systems.google_key(sandboxes),
        },
        "segment": {
            "name": "Segment",
            "public_label": "Our data warehouse",
            "public_labels": {"es": "Nuestro almacén de datos"},
            "purpose": Purpose.ANALYTICS,
            "settings": {**at("segment"), "namespace": "website"},
            "secrets": {"write_key": "wk"},
        },
        "csv": {
            "name": "Campaign agency (files)",
            "public_label": "Our campaign agency",
            "public_labels": {"es": "Nuestra agencia de campañas"},
            "purpose": Purpose.MARKETING,
            "settings": at("csv"),
            "secrets": {},
        },
        "webhook": {
            "name": "Front desk",
            "public_label": "Our front desk",
            "public_labels": {"es": "Nuestra recepción"},
            "purpose": Purpose.APPOINTMENTS,
            "settings": {"base_url": f"{door('webhook', sandboxes)}/hooks/heed"},
            "secrets": {"secret": secrets["webhook"]},
        },
    }
    return {slug: every[slug] for slug in told_by_heed(sandboxes)}


def numbers(named: Mapping[str, tuple[Any, str]]) -> dict[str, Any]:
    """Name -> the vendor's number of it, without the words that its users read."""
    return {name: number for name, (number, _) in named.items()}
