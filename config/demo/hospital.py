"""The synthetic hospital that a demo begins with: its people, eight months of history, and its systems."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from config.demo import banner, connections, events, policy, systems
from config.demo.doors import PHONES
from config.demo.history import DAYS, Act, Story, acts_of
from config.demo.people import SHOWN, Patient, patients
from destinations.drain import Drain
from destinations.tasks import something_is_due
from portal.links import link_for
from preferences import identity
from preferences.models import Outbox, Source
from preferences.services import issue_key, publish
from preferences.terms import IdentifierKind, RevisionKind, Scope, SourceKind

Progress = Callable[[str], None]
CHUNK = 250  # acts in one transaction
SOURCES = (
    ("ehr", "Patient record", SourceKind.PARTNER, False),
    ("crm", "Customer relations", SourceKind.PARTNER, False),
    ("advertising", "Advertising uploads", SourceKind.PARTNER, False),
    ("patient_portal", "Patient portal", SourceKind.PARTNER, True),
    ("website", "Website and newsletters", SourceKind.PARTNER, False),
)
SERVICE_NOTICES = {
    "slug": "service_notices",
    "kind": "communication",
    "order": 55,
    "marketing": False,
    "honours_signal": False,
    "sensitive": False,
    "required": True,
    "retired": False,
    "unknown_recipients": True,
    "opt_in_expires_days": None,
    "texts": {
        "en": {
            "name": "Bills and legal letters",
            "description": "Bills, privacy notices and other letters that we must send.",
            "example": "“Your statement is ready”",
            "how_often": "Only when there is one",
            "required_reason": "The law asks us to send these, so they cannot be turned off.",
        },
        "es": {
            "name": "Facturas y cartas legales",
            "description": "Facturas, avisos de privacidad y otras cartas que tenemos que enviar.",
            "example": "“Su estado de cuenta está listo”",
            "how_often": "Solo cuando hay algo que enviar",
            "required_reason": "La ley nos exige enviarlas; por eso no se pueden desactivar.",
        },
    },
    "offers": [
        {"channel": channel, "default": True, "elsewhere": {}, "needs": "any", "removed": False}
        for channel in ("email", "mail")
    ],
}


@dataclass(frozen=True, slots=True)
class Hospital:
    """What a visitor of the demo is told, beyond what can be read from the database."""

    patient_email: str = ""
    api_key: str = ""
    events_key: str = ""
    banner_key: str = ""


def seed(*, patients: int, secrets: Mapping[str, str], progress: Progress) -> Hospital:
    """Fill an empty database, once. The sandboxes answer already; HEED_PRIVATE_HOSTS names them."""
    people = _people(patients)
    progress(f"Founding a hospital with {len(people):,} patients")
    publish(
        kind=RevisionKind.CATEGORY,
        key="service_notices",
        body=SERVICE_NOTICES,
        author="Heed",
        reason="Bills and legal letters",
    )
    connections.listen(secrets, to={"twilio"})
    sources = {slug: _source(*row) for row in SOURCES for slug in [row[0]]}
    own = {source.slug: source for source in Source.objects.all()}
    _live(people, Story(own | sources, {}), progress)
    events.let_in(sources["patient_portal"])
    policy.publish_rules()
    key = issue_key(source=sources["patient_portal"], name="Demo", scopes=list(Scope), created_by="demo")
    of_events = issue_key(
        source=sources["website"], name="Events", scopes=[Scope.WRITE_EVENTS], created_by="demo"
    )
    return Hospital(SHOWN.email, key.secret, of_events.secret, banner.key_for_pages())


def _people(count: int) -> list[Patient]:
    return list(patients(max(count, 3)))


def _source(slug: str, name: str, kind: SourceKind, speaks: bool) -> Source:
    source, _ = Source.objects.get_or_create(
        slug=slug, defaults={"name": name, "kind": kind, "speaks_for_person": speaks}
    )
    return source


def _live(people: Sequence[Patient], story: Story, progress: Progress) -> None:
    """Eight months, day after day, many acts to a transaction."""
    founded = timezone.now() - timedelta(days=DAYS)
    acts = sorted((act for each in people for act in acts_of(each, founded)), key=lambda act: act.at)
    for start in range(0, len(acts), CHUNK):
        _tell(story, acts[start : start + CHUNK])
        if start % (CHUNK * 4) == 0:
            progress(f"Eight months of their lives: {min(start + CHUNK, len(acts)):,} of {len(acts):,}")


@transaction.atomic
def _tell(story: Story, acts: Sequence[Act]) -> None:
    for act in acts:
        story.tell(act)


def connect(
    sandboxes: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    progress: Progress = lambda words: None,
) -> None:
    """At every start: point each destination at where its sandbox listens this time (slug -> base URL)."""
    if not connections.connected():
        progress("Registering the patients in the systems")
        systems.furnish(sandboxes, _people(int(os.environ["HEED_DEMO_PATIENTS"])))
        Drain(linger=0.0).run()  # nobody is connected yet: the past has no one to be told to
    moved = connections.point_to(sandboxes, secrets)
    connections.listen(secrets, to=sandboxes)
    if PHONES in sandboxes:
        connections.text_by(sandboxes[PHONES])
    if moved:
        _tell_everyone(progress)


def _tell_everyone(progress: Progress) -> None:
    """So that the demo begins in sync: who opens it need not wait for eight months of changes."""
    told = 0
    for _ in range(20):
        told += Drain(linger=0.1).run()
        progress(f"Telling the systems: {told:,} told")
        if not (Outbox.objects.exists() or something_is_due()):
            return


def patient_path(hospital: Hospital) -> str:
    """At every start: a fresh link for the patient that the demo shows, as a path."""
    email = identity.named(IdentifierKind.EMAIL, hospital.patient_email)
    [person] = identity.find_people(email)
    return link_for(person, address_id=identity.find([email])[email])
