"""From a draft to a publication: what it changes, for how many people, and who may do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from destinations import mappers
from destinations.blast import Difference, would_change
from destinations.mapping.wording import said_by
from destinations.models import Destination
from preferences.admin.base import refusal
from preferences.catalogue import Catalogue, catalogue
from preferences.errors import Refused
from preferences.models import Draft, Revision
from preferences.services import ask_second_person, discard_draft, in_force, publish_draft, put_on_top
from preferences.shown import ON_TOP, READ_AGAIN, Shown
from preferences.terms import RevisionKind, RevisionState


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that is told something else; empty words where there is no row."""

    target: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PublicationPage:
    """What a draft changes, and what may be done with it; one that was overtaken is not weighed."""

    system: str
    back: str
    draft: Draft
    stands: Revision | None
    changes: tuple[Changed, ...]
    meanwhile: tuple[Changed, ...]
    examples: int
    differ: Difference
    problems: tuple[str, ...]
    is_own: bool
    is_stale: bool

    @property
    def is_open(self) -> bool:
        return self.draft.state == RevisionState.DRAFT

    @property
    def state(self) -> str:
        return RevisionState(self.draft.state).label.lower()

    @property
    def needs_second(self) -> bool:
        """Does it wait for somebody else than whoever looks?"""
        return self.is_own and self.differ.needs_second_person

    @property
    def seen(self) -> str:
        """Nobody settles what they have not read: the form says which state of the draft that was."""
        return self.draft.updated_at.isoformat()


def publication(admin: Any, request: HttpRequest, destination: Destination, draft_id: int) -> HttpResponse:
    """The page, and its buttons."""
    draft = Draft.objects.filter(pk=draft_id, kind=RevisionKind.MAPPER, key=destination.slug).first()
    if draft is None:
        raise Http404
    if request.method == "POST":
        return _done(request, destination, draft)
    stands = in_force(RevisionKind.MAPPER, destination.slug)
    began = Revision.objects.filter(kind=draft.kind, key=draft.key, number=draft.based_on).first()
    is_open, known = draft.state == RevisionState.DRAFT, catalogue()
    is_stale = is_open and draft.based_on != (stands.number if stands else 0)
    page = PublicationPage(
        destination.name,
        reverse("admin:destinations_destination_mapper", args=[destination.pk]),
        draft,
        stands,
        changes(_body(stands), draft.body, known),
        changes(_body(began), _body(stands), known) if is_stale else (),
        len(draft.body.get("examples", ())),
        differ(destination, draft) if is_open and not is_stale else Difference(0, 0),
        tuple(map(str, mappers.problems_of(destination, draft.body))) if is_open else (),
        request.user.get_username() == draft.author,
        is_stale,
    )
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, "page": page}
    context["title"] = f"Publish what {destination} is told"
    return TemplateResponse(request, "destinations/admin/mapper_draft.html", context)


def _body(revision: Revision | None) -> Mapping[str, Any]:
    return revision.body if revision else {}


def differ(destination: Destination, draft: Draft) -> Difference:
    """For how many it would differ; nobody is counted while a row can't be read."""
    if mappers.problems_of(destination, draft.body):
        return Difference(0, 0)
    return would_change(destination=destination, rows=draft.body["rows"])


def _done(request: HttpRequest, destination: Destination, draft: Draft) -> HttpResponse:
    if parse_datetime(request.POST.get("seen", "")) != draft.updated_at:
        messages.error(request, READ_AGAIN)
        return redirect(request.path)
    try:
        messages.success(request, _act(request, draft))
    except Refused as refused:
        messages.error(request, refusal(refused))
        return redirect(request.path)
    if request.POST.get("act") == "put_on_top":
        return redirect(request.path)
    return redirect("admin:destinations_destination_mapper", destination.pk)


def _act(request: HttpRequest, draft: Draft) -> str:
    by = request.user.get_username()
    match request.POST.get("act"):
        case "ask":
            ask_second_person(draft=draft, by=by)
            return "It waits for a second person now, who finds it under Drafts and from the home page."
        case "discard":
            discard_draft(draft=draft, by=by, why=request.POST.get("why", ""))
            return "The draft is discarded. What stands goes on standing."
        case "put_on_top":
            put_on_top(draft=draft, by=by, number=Shown.read(request.POST.get("number", "")).number)
            return ON_TOP
        case "publish":
            revision = publish_draft(draft=draft, by=by)
            return f"Revision {revision.number} is published. Whoever it makes a difference for is told now."
    raise Http404


def changes(before: Mapping[str, Any], after: Mapping[str, Any], known: Catalogue) -> tuple[Changed, ...]:
    """Field by field, in words."""
    old, new = ({row["target"]: row for row in body.get("rows", ())} for body in (before, after))
    targets = [each for each in {**new, **old} if old.get(each) != new.get(each)]
    return tuple(
        Changed(each, *(said_by(rows[each], known) if each in rows else "" for rows in (old, new)))
        for each in targets
    )
