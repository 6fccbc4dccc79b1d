"""Why something is sent or not, as known at any moment: the steps, and the entries that decided."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from config.staff import selectors
from config.staff.access import actor, needs, show
from config.staff.asking import WhyForm
from config.staff.permissions import SEE_PEOPLE
from config.staff.person import survivor
from config.staff.steps import Told, steps
from config.staff.story import only
from config.staff.timeline import Event, events
from config.staff.words import Mark, channel_name, moment, refusal, sentence, short
from preferences import selectors as people_selectors
from preferences import services
from preferences.catalogue import catalogue
from preferences.errors import Refused
from preferences.models import Profile


@dataclass(frozen=True, slots=True)
class WhyPage:
    """The question again, the answer, and how it came about."""

    profile_id: UUID
    person: str
    form: WhyForm
    about: str = ""
    verdict: Mark | None = None
    because: str = ""
    known_on: str = ""
    steps: tuple[Told, ...] = ()
    events: tuple[Event, ...] = ()


@require_POST
@needs(SEE_PEOPLE)
@survivor
def why(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Posted, because a category may say more about somebody than an address should (R20)."""
    services.log_view(actor=actor(request), page="why", profile_id=profile.pk)
    form = WhyForm(_asked(request.POST), catalogue=catalogue())
    page = WhyPage(profile.pk, short(profile.pk), form)
    if form.is_valid():
        page = _answered(page, profile)
    return show(request, "why", title="Why", page=page, status=422 if form.errors else 200)


def _asked(posted: QueryDict) -> QueryDict:
    """A button in the grid names category and channel at once."""
    asked = posted.copy()
    if cell := asked.get("cell"):
        asked["category"], _, asked["channel"] = cell.partition(":")
    return asked


def _answered(page: WhyPage, profile: Profile) -> WhyPage:
    told = page.form.cleaned_data
    try:
        found = people_selectors.explain(profile.pk, told["category"], told["channel"], at=told.get("at"))
    except Refused as refused:
        page.form.add_error(None, refusal(refused))
        return page
    known = selectors.know(profile)
    answer, name = found.answer, found.category.in_("en").name
    channel = channel_name(found.channel).lower()
    yes, no = ("May be sent", "Is not sent") if channel else ("Is allowed", "Is not allowed")
    return replace(
        page,
        about=f"{name}, by {channel}" if channel else name,
        verdict=Mark(yes if answer.allowed else no, "good" if answer.allowed else "bad"),
        because=sentence(answer.reason.label),
        known_on=moment(told.get("at")),
        steps=steps(found, known),
        events=events(only(known, found.changes)) if found.changes else (),
    )
