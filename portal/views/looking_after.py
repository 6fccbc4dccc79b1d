"""Turning to the page of somebody one looks after, and back to one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import selectors, stepup, visits
from portal.represented import Represented, whom
from portal.responses import private, see_other, visit_over
from portal.visits import Visit
from portal.wording import reached_at
from preferences.terms import Relation


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
        return Others(tuple(_in_words(whom(visit.profile_id, now)).items()))
    found = (each for each in whom(visit.proxy_id, now) if each.profile_id == visit.profile_id)
    return Others(now=next(iter(_in_words([*found]).values()), ""))


def _in_words(people: Sequence[Represented]) -> dict[UUID, str]:
    """We know no names: who each is to them, and how that person is reached, masked."""
    relations = {
        Relation.PARENT: _("Your child"),
        Relation.REPRESENTATIVE: _("A person you act for"),
        Relation.CAREGIVER: _("A person you care for"),
    }
    ways = selectors.ways_to([each.profile_id for each in people])
    return {
        each.profile_id: reached_at(relations[Relation(each.relation)], ways[each.profile_id])
        for each in people
    }


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
