"""From a draft to a policy: what it changes in words, what it would have done, and who may publish it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from config.staff.access import actor, may, needs, show
from config.staff.permissions import PUBLISH_POLICY, SEE_POLICY
from config.staff.policy.impact import ImpactShown, impact_of
from config.staff.policy.reading import body_of, number_of, standing
from config.staff.words import refusal
from destinations.services.estimating import begin
from governance.checking import known_now, problems
from governance.selectors import names_now
from governance.terms import POLICY
from governance.wording import Differs, differences
from preferences import clock
from preferences.errors import Refused
from preferences.models import Draft, Revision
from preferences.services import ask_second_person, discard_draft, publish_draft, put_on_top, why_a_second
from preferences.shown import ON_TOP, READ_AGAIN, Shown
from preferences.terms import RevisionKind, RevisionState


@dataclass(frozen=True, slots=True)
class PublishingPage:
    """What a draft changes, and what may be done with it. `why`: it takes a second person."""

    draft: Draft
    stands: Revision | None
    changes: tuple[Differs, ...]
    meanwhile: tuple[Differs, ...]
    problems: tuple[str, ...]
    why: str
    own: bool
    may: bool
    impact: ImpactShown | None = None

    @property
    def is_open(self) -> bool:
        return self.draft.state == RevisionState.DRAFT

    @property
    def is_stale(self) -> bool:
        return self.is_open and self.draft.based_on != number_of(self.stands)

    @property
    def is_ready(self) -> bool:
        """Could it be published, by whomever?"""
        return self.is_open and not self.is_stale and not self.problems and bool(self.changes)

    @property
    def may_publish(self) -> bool:
        return self.is_ready and self.may and not (self.own and self.why)

    @property
    def may_ask(self) -> bool:
        """Its author asks for somebody else: where the rules want it, or the author may not publish."""
        return self.is_ready and self.own and not self.may_publish and not self.draft.asked_at

    @property
    def may_discard(self) -> bool:
        return self.is_open and (self.own or self.may)

    @property
    def seen(self) -> str:
        """Nobody settles what they have not read: the form says which state of the draft that was."""
        return self.draft.updated_at.isoformat()


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_POLICY)
def publishing(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The comparison, and its buttons."""
    draft = get_object_or_404(Draft, pk=draft_id, kind=RevisionKind.POLICY, key=POLICY)
    page = page_of(request, draft)
    if request.method == "POST":
        return _settled(request, page)
    return show(request, "policy/publishing", title="What this changes", page=page)


def page_of(request: HttpRequest, draft: Draft) -> PublishingPage:
    """Compared with what stands; once it is settled, with what stood before."""
    stands, known = standing(), known_now()
    names, began = names_now(known), _based_on(draft)
    is_open = draft.state == RevisionState.DRAFT
    compared = stands if is_open else began
    return PublishingPage(
        draft,
        stands,
        differences(body_of(compared), draft.body, names),
        differences(body_of(began), body_of(stands), names) if is_open and began != stands else (),
        tuple(_wrong(draft, known)) if is_open else (),
        why_a_second(draft=draft) if is_open else "",
        actor(request) == draft.author,
        may(request, PUBLISH_POLICY),
        impact_of(draft) if is_open else None,
    )


def _based_on(draft: Draft) -> Revision | None:
    return Revision.objects.filter(kind=draft.kind, key=draft.key, number=draft.based_on).first()


def _wrong(draft: Draft, known: Any) -> list[str]:
    found = list(problems(draft.body, known))
    return found if draft.reason.strip() else [*found, "nobody has said yet why this is changed"]


def _settled(request: HttpRequest, page: PublishingPage) -> HttpResponse:
    if request.POST.get("act") == "impact" and page.is_ready:
        begin(draft=page.draft, now=clock.now())
        return redirect(request.path)
    if parse_datetime(request.POST.get("seen", "")) != page.draft.updated_at:
        messages.error(request, READ_AGAIN)
        return redirect(request.path)
    try:
        messages.success(request, _act(request, page))
    except Refused as refused:
        messages.error(request, refusal(refused))
        return redirect(request.path)
    goes_on = request.POST.get("act") == "put_on_top"
    return redirect(request.path) if goes_on else redirect("admin:policy")


def _act(request: HttpRequest, page: PublishingPage) -> str:
    """Do what was asked, and say what was done."""
    by, draft = actor(request), page.draft
    match request.POST.get("act"):
        case "publish" if page.may:
            revision = publish_draft(draft=draft, by=by)
            return f"Policy {revision.number} is published: events are judged by it from now on."
        case "ask" if page.own:
            ask_second_person(draft=draft, by=by)
            return "It waits for a second person now, who finds it under Drafts and from the home page."
        case "put_on_top" if page.own:
            put_on_top(draft=draft, by=by, number=Shown.read(request.POST.get("number", "")).number)
            return ON_TOP
        case "discard" if page.may_discard:
            discard_draft(draft=draft, by=by, why=request.POST.get("why", ""))
            return "The draft is discarded. What stands goes on standing."
    raise Http404
