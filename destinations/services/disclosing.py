"""Which confidential addresses a system knows that is no longer told such (45 CFR 164.522(b))."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from destinations.connectors import CONNECTORS
from destinations.contract import By
from destinations.models import Attempt, Destination, Disclosure, Propagation
from destinations.terms import TOLD
from preferences.models import Holding
from preferences.terms import ADDRESS_KINDS


def note_disclosed(destination: Destination) -> None:
    """Keep those that it was told, or may have been: what is refused there it goes on hearing.

    A call that was answered counts from when the system was marked and led here, and the address was held.
    """
    by_address = CONNECTORS[destination.connector].addresses == By.ADDRESS
    row = OuterRef("identifier") if by_address else OuterRef("profile")
    answered = Attempt.objects.filter(
        *(Q(started_at__gte=moment) for moment in _from(destination)),
        propagation__destination=destination,
        propagation__identifier=row,
        outcome__in=TOLD,
        started_at__gte=OuterRef("since"),
    )
    unknown = Propagation.objects.filter(
        Q(lease_token__isnull=False) | Q(unknown_at__isnull=False), destination=destination, identifier=row
    )
    known = Holding.objects.filter(
        Exists(answered) | Exists(unknown), confidential=True, identifier__kind__in=ADDRESS_KINDS
    )
    Disclosure.objects.bulk_create(
        [
            Disclosure(destination=destination, identifier_id=pk)
            for pk in known.values_list("identifier_id", flat=True).distinct()
        ],
        ignore_conflicts=True,
    )


def _from(destination: Destination) -> list[datetime]:
    return [moment for moment in (destination.confidential_since, destination.moved_at) if moment]


def forget_disclosed(destination: Destination) -> None:
    """The connection leads elsewhere: there nobody was told."""
    Disclosure.objects.filter(destination=destination).delete()
