"""People, systems and members of staff for the tests of staff's pages."""

from uuid import UUID

from django.contrib.auth.models import Permission
from django.utils import timezone

from destinations.models import Attempt, Destination, Propagation
from destinations.terms import DestinationState, PropagationState
from preferences import clock, identity
from preferences.models import Change, Source
from preferences.services import Call, Said, identify
from preferences.terms import Actor, IdentifierKind
from tests.portal import people

SEE = ("view_profile",)
DESK = ("void_change", "merge_profile", "set_order", "set_deceased", "lift_restriction", "add_proxygrant")
ALL = (*SEE, "view_destination", "add_change", "change_propagation", *DESK)


def allow(user, *codenames):
    """Give somebody these permissions."""
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


def system(name: str = "Mail service") -> Destination:
    """A connected system that nobody calls."""
    slug = name.lower().replace(" ", "-")
    made, _ = Destination.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name,
            "public_label": f"our {name.lower()}",
            "connector": "sendgrid",
            "state": DestinationState.LIVE,
            "agreement": "a test",
        },
    )
    return made


def telling(identifier: UUID, state: PropagationState = PropagationState.STUCK, **more) -> Propagation:
    """What a system must hold about somebody, and one attempt at it."""
    row = Propagation.objects.create(
        destination=more.pop("destination", None) or system(),
        identifier_id=identifier,
        state=state,
        reason=more.pop("reason", "rejected_data"),
        due_at=timezone.now(),
        **more,
    )
    Attempt.objects.create(
        propagation=row,
        token=row.pk,
        leased=1,
        started_at=timezone.now(),
        took_ms=37,
        outcome=state,
        reason=row.reason,
        call="PUT /lists/*",
        calls=1,
        status=400,
        excerpt="the record is locked",
    )
    return row


def with_number(number: str, **known: str) -> UUID:
    """Somebody who has a record number here."""
    person = people.person(**known)
    named = identity.named(IdentifierKind.MRN, number, "main")
    identify(
        call=Call((named, identity.named(IdentifierKind.EXTERNAL_ID, _own(known), "clinic"))),
        said=people.said(),
    )
    return person


def _own(known: dict[str, str]) -> str:
    return f"patient {known.get('email', people.EMAIL)}{known.get('phone', people.PHONE)}"


def oldest(person: UUID) -> int:
    """The first entry about somebody."""
    return Change.objects.filter(subject_id=person).earliest("id").pk


def by_staff() -> Said:
    """Recorded by a member of staff, just now."""
    staff = Source.objects.get(slug="staff")
    return Said(staff, Actor.STAFF, clock.now(), {"how": "On a call"}, attached=True, who="maria")


def publish(client, path, given):
    """Post what somebody filled in who has just opened the page."""
    seen = client.get(path).context["page"]["form"]["seen"].value()
    return client.post(path, {"seen": seen, **given})
