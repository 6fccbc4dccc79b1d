"""A small world to test in: the four systems as real servers, people, and what happens to them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.conf import settings
from django.utils import timezone

from destinations.drain import Drain
from destinations.models import Destination, Propagation
from destinations.sandbox import (
    FhirSandbox,
    SalesforceSandbox,
    Sandbox,
    SendGridSandbox,
    WebhookSandbox,
    running,
)
from destinations.sandbox.webhook import new_secret
from destinations.services import save_destination, save_or_ask
from preferences import identity
from preferences.clock import Moment
from preferences.identity import Named
from preferences.models import Outbox, Source
from preferences.services import (
    Call,
    Choice,
    Outcome,
    Said,
    end_pause,
    hand_over_what_time_changed,
    identify,
    pause,
    record,
    restrict,
)
from preferences.terms import Actor, IdentifierKind, RestrictionKind, SourceKind, State

MRN_SYSTEM = "urn:oid:2.16.840.1.113883.19.5"
GROUPS = {
    "marketing_emails": 101,
    "appointment_reminders": 102,
    "patient_surveys": 103,
    "care_follow_ups": 104,
}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "sendgrid": {"groups": GROUPS},
    "salesforce": {"client_id": "heed"},
    "fhir": {"mrn_systems": {"main": MRN_SYSTEM}, "organisation": "Riverside Health"},
    "webhook": {},
    "mailchimp": {"list_id": "a1", "interests": {"patient_surveys": "i1"}},
    "athenahealth": {"practice_id": "195900", "authority": "main", "client_id": "heed"},
    "hubspot": {"subscriptions": {"marketing_emails": 11, "patient_surveys": 12}},
}
SECRETS = {
    "sendgrid": {"api_key": "SG.test"},
    "salesforce": {"client_secret": "test"},
    "fhir": {"token": "test"},
    "mailchimp": {"api_key": "key-us21"},
    "athenahealth": {"client_secret": "test"},
    "hubspot": {"access_token": "pat-test"},
}


@dataclass
class World:
    """Four connected systems, and everything that people in it may do."""

    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)

    # --- what people and systems do ---

    def registers(self, source: str = "ehr", **identifiers: str) -> Outcome:
        """A source names somebody; `mrn`, `external_id`, `email`, `phone`, and attributes."""
        return self.identifies(source, (), None, **identifiers)

    def identifies(
        self, source: str, choices: Sequence[Choice], occurred: Moment | None = None, **told: str
    ) -> Outcome:
        """A source says who somebody is, and what they chose."""
        attributes: dict[str, str] = {
            name: told.pop(name) for name in ("language", "jurisdiction") if name in told
        }
        call = Call(
            tuple(named(kind, value, source) for kind, value in told.items()), tuple(choices), attributes
        )
        said = Said(self.sources[source], Actor.PARTNER, occurred or timezone.now(), {"by": source})
        return identify(call=call, said=said)

    def chooses(self, person: UUID, *choices: Choice, occurred: Moment | None = None) -> None:
        """A person saves the preference page."""
        said = Said(self.sources["preference_page"], Actor.PERSON, occurred or timezone.now(), {"page": "p"})
        record(profile_id=person, choices=choices, said=said)

    def pauses(self, person: UUID, category: str, days: int) -> None:
        until = timezone.now() + timedelta(days=days)
        pause(profile_id=person, category=category, until=until, said=self._by_page())

    def ends_pause(self, person: UUID, category: str) -> None:
        end_pause(profile_id=person, category=category, said=self._by_page())

    def _by_page(self) -> Said:
        return Said(self.sources["preference_page"], Actor.PERSON, timezone.now(), {"page": "p"})

    def leaves_group(self, email: str, group: int) -> None:
        """The vendor itself takes an address off an unsubscribe group."""
        url = f"{self.sandboxes['sendgrid'].url}/v3/asm/groups/{group}/suppressions/{email}"
        requests.delete(url, headers={"Authorization": "Bearer SG.test"}, timeout=5).raise_for_status()

    def texts_stop(self, phone: str) -> None:
        """A STOP arrives from a number."""
        [pk] = identity.find_or_make([named("phone", phone, "")]).values()
        said = Said(self.sources["texting"], Actor.PERSON, timezone.now(), {"text": "STOP"})
        restrict(identifier_id=pk, kind=RestrictionKind.STOP, said=said)

    # --- what staff do ---

    def saves(self, slug: str, **changes: Any) -> Destination:
        """Somebody saves a connection as it stands, but for these."""
        system = Destination.objects.get(slug=slug)
        kept = ["connector", "slug", "name", "public_label", "purpose", "state", "settings", "agreement"]
        kept += ["told_confidential", "rate", "reads_back"]
        stands = {name: getattr(system, name) for name in kept}
        return save_or_ask(**{"destination": system, "secrets": {}, "author": "ana", **stands, **changes})

    # --- the engine and time ---

    def drain(self) -> int:
        """One run of the engine."""
        return Drain(linger=0.0).run()

    def later(self) -> None:
        """Time passes: every lease ends, every backoff is over, every lane is tried again; the sweep ran."""
        while hand_over_what_time_changed(timezone.now()):
            pass
        past = timezone.now() - timedelta(seconds=1)
        Propagation.objects.filter(due_at__isnull=False).update(due_at=past)
        Propagation.objects.filter(lease_token__isnull=False).update(lease_until=past)
        Propagation.objects.filter(unknown_at__isnull=False).update(unknown_at=past - timedelta(hours=1))
        Destination.objects.update(not_before=None, facts_after=None)

    def quiet(self) -> None:
        """All faults are over, and as much time as it takes."""
        self.heal()
        for _ in range(20):
            self.later()
            self.drain()
            if not Outbox.objects.exists() and not self.waiting():
                return
        raise AssertionError(
            f"never quiet: {list(self.waiting().values('destination__slug', 'state', 'detail'))}"
        )

    def waiting(self) -> Any:
        """Rows that are neither told nor stuck, at systems that are not paused."""
        due = Propagation.objects.filter(due_at__isnull=False).exclude(state="stuck")
        return due.exclude(destination__state="paused")

    # --- the systems ---

    def plant(self, system: str, **documents: Sequence[Mapping[str, Any]]) -> None:
        """What stood at the vendor before."""
        self.sandboxes[system].seed(
            {kind: [dict(each) for each in listed] for kind, listed in documents.items()}
        )

    def faults(self, system: str, **fault: Any) -> None:
        requests.post(f"{self.sandboxes[system].url}/_faults", json=fault, timeout=5).raise_for_status()

    def heal(self) -> None:
        for sandbox in self.sandboxes.values():
            requests.delete(f"{sandbox.url}/_faults", timeout=5).raise_for_status()

    def record_of(self, system: str, **who: str) -> dict[str, Any]:
        """What a system's own read calls answer about somebody."""
        answer = requests.get(f"{self.sandboxes[system].url}/_records", params=who, timeout=5).json()
        return dict(answer["record"]) if answer["known"] else {}

    def suppressed(self, email: str) -> set[str]:
        """The categories whose group at SendGrid holds this address."""
        number_of = {number: slug for slug, number in GROUPS.items()}
        held = self.record_of("sendgrid", email=email).get("suppressions", [])
        return {number_of[each["id"]] for each in held if each["suppressed"]}

    def contact(self, mrn: str) -> dict[str, Any]:
        return self.record_of("salesforce", mrn=mrn)

    def snapshot(self, **who: str) -> dict[str, Any]:
        return dict(self.record_of("webhook", **who).get("data", {}))

    def consents(self, mrn: str) -> dict[str, str]:
        """Category -> `active permit`, `active deny` or `inactive`, as the patient's Consents say."""
        entries = self.record_of("fhir", mrn=mrn).get("entry", [])
        found = [each["resource"] for each in entries if each["resource"]["resourceType"] == "Consent"]
        return {
            each["identifier"][0]["value"].split("/")[
                1
            ]: f"{each['status']} {each['provision'].get('type', '')}".strip()
            for each in found
        }


def named(kind: str, value: str, source: str) -> Named:
    namespace = {"mrn": "main", "external_id": source}.get(kind, "")
    return identity.named(IdentifierKind(kind), value, namespace)


def out(category: str, channel: str = "*") -> Choice:
    return Choice(category, channel, State.OUT)


def into(category: str, channel: str = "*") -> Choice:
    return Choice(category, channel, State.IN)


SOURCES = (
    ("ehr", SourceKind.PARTNER, False),
    ("crm", SourceKind.PARTNER, False),
    ("texting", SourceKind.VENDOR_WEBHOOK, False),
    ("patient_portal", SourceKind.PARTNER, True),
)


@contextmanager
def systems_running() -> Iterator[dict[str, Sandbox]]:
    """The four systems, empty, on free ports."""
    with ExitStack() as stack:
        made = (SendGridSandbox(), SalesforceSandbox(), FhirSandbox(), WebhookSandbox(secret=new_secret()))
        yield {each.slug: stack.enter_context(running(each)) for each in made}


def connect(sandboxes: Mapping[str, Sandbox]) -> World:
    """A world in the test's database, connected to these systems. Call `empty` on them between tests."""
    world = World(dict(sandboxes))
    for slug, kind, speaks in SOURCES:
        Source.objects.create(slug=slug, name=slug, kind=kind, speaks_for_person=speaks)
    world.sources = {source.slug: source for source in Source.objects.all()}
    for slug, sandbox in sandboxes.items():
        settings.HEED_PRIVATE_HOSTS[slug] = [urlsplit(sandbox.url).netloc]
        secret = sandbox.secret if isinstance(sandbox, WebhookSandbox) else ""
        save_destination(
            connector=slug,
            slug=slug,
            name=slug,
            public_label=f"our {slug}",
            purpose="other",
            state="live",
            settings={"base_url": sandbox.url + ("/hooks/heed" if secret else ""), **SETTINGS[slug]},
            secrets={"secret": secret} if secret else SECRETS[slug],
            agreement="a sandbox",
            author="tests",
        )
    if "sendgrid" in sandboxes:
        world.plant("sendgrid", groups=[{"id": pk, "name": slug} for slug, pk in GROUPS.items()])
    return world
