"""Turning to the page of somebody one looks after, and back to one's own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal import stepup, visits
from portal.represented import in_words, whom
from portal.responses import private, see_other, visit_over
from portal.visits import Visit


@dataclass(frozen=True, slots=True)
class Others:
    """For whom the page may be opened too, each by key and in words; and for whom it is open now, if so."""

    people: tuple[tuple[UUID, str], ...] = ()
    now: str = ""


def looking_after(visit: Visit, now: datetime) -> Others:
    """Whoever came by a link alone is told of nobody else."""
    if not visit.by_code:
        return Others()
    if visit.proxy_id is None:
        return Others(tuple(in_words(whom(visit.profile_id, now)).items()))
    return Others(now=visits.acting_for(visit))


@private()
@require_POST
def turn(request: HttpRequest) -> HttpResponse:
    """Open the page of one of them, by key; without one, one's own again."""
    own = visits.own(request)
    if own is None:
        return visit_over(request)
    visits.stay(request)
    if ask := stepup.needed(request, own):
        return ask
    wanted = request.POST.get("person", "")
    people = {str(each.profile_id): each.profile_id for each in whom(own.profile_id, timezone.now())}
    visits.turn_to(request, people.get(wanted))
    return see_other("portal:page")
