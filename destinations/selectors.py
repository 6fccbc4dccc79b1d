"""What is in trouble, system by system."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from destinations.models import Propagation
from destinations.terms import PropagationState
from preferences import clock

FAILING_AFTER = timedelta(hours=1)
STUCK = Q(state=PropagationState.STUCK)


def troubled() -> QuerySet[Propagation]:
    """What needs a person, and what has failed for more than an hour."""
    failing = Q(state=PropagationState.LATER, wanted_at__lte=clock.now() - FAILING_AFTER)
    return Propagation.objects.filter(STUCK | failing)


def in_group(slug: str, state: str, reason: str) -> QuerySet[Propagation]:
    """Those of one system that are in trouble for one reason."""
    return troubled().filter(destination__slug=slug, state=state, reason=reason)
