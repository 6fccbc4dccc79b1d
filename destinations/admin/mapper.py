"""What a system is told, edited by staff: the form, its buttons, and the way to publication."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from destinations import mappers
from destinations.admin import mapper_preview
from destinations.admin.mapper_page import MapperPage, examples_shown, rows_shown
from destinations.admin.mapper_preview import PERSON, PreviewForm, Seen
from destinations.admin.mapper_rows import body_from, changed
from destinations.connectors import CONNECTORS
from destinations.mapping.problems import Problem, System
from destinations.mapping.published import default_body
from destinations.models import Destination
from preferences.models import Draft, Revision
from preferences.services import discard_draft, in_force, revert, save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState

KEPT = "Kept as a draft: nothing is told differently until it is published."
SEE_PEOPLE = "preferences.view_profile"


@sensitive_post_parameters("value")
def editor(request: HttpRequest, admin: Any, destination: Destination) -> HttpResponse:
    """The page: what stands or one's own draft at first, then whatever the buttons made of it."""
    return Editor(admin, request, destination).answer()


class Editor:
    """One request to the page."""

    def __init__(self, admin: Any, request: HttpRequest, destination: Destination) -> None:
        if destination.connector not in CONNECTORS:
            raise Http404
        self.admin, self.request, self.destination = admin, request, destination
        self.actor = request.user.get_username()
        self.system: System = mappers.system_of(destination)
        self.stands = in_force(RevisionKind.MAPPER, destination.slug)
        self.drafts = Draft.objects.filter(
            kind=RevisionKind.MAPPER, key=destination.slug, state=RevisionState.DRAFT
        )
        self.revisions = Revision.objects.filter(kind=RevisionKind.MAPPER, key=destination.slug).order_by(
            "-number"
        )
        self.act = request.POST.get("act", "")

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.opened()
        body = body_from(self.request.POST.dict(), self.destination.connector)
        name, _, number = self.act.partition(":")
        match name:
            case "save":
                return self.saved(body)
            case "publish":
                return self.handed_on(body)
            case "discard":
                return self.discarded()
            case "revert":
                return self.reverted(number)
        return self.shown(self.with_example(changed(body, self.act, self.request.POST.dict())))

    def opened(self) -> HttpResponse:
        draft = self.own()
        seen = Shown.of(draft, self.stands, self.actor)
        if draft:
            return self.shown(draft.body, draft.reason, seen)
        return self.shown(self.standing(), seen=seen)

    def own(self) -> Draft | None:
        return self.drafts.filter(author=self.actor).first()

    def standing(self) -> dict[str, Any]:
        return dict(self.stands.body) if self.stands else default_body(self.destination.connector)

    def saved(self, body: Mapping[str, Any]) -> HttpResponse:
        self.draft(body)
        messages.success(self.request, KEPT)
        return redirect(self.request.path)

    def draft(self, body: Mapping[str, Any]) -> Draft:
        return save_draft(
            kind=RevisionKind.MAPPER,
            key=self.destination.slug,
            body=body,
            author=self.actor,
            reason=self.request.POST.get("reason", "").strip()[:500],
            seen=Shown.read(self.request.POST.get("seen", "")),
        )

    def handed_on(self, body: Mapping[str, Any]) -> HttpResponse:
        """To the page that says what publication changes, once nothing is wrong."""
        draft = self.draft(body)
        found = mappers.problems_of(self.destination, body)
        if not draft.reason:
            found.append(Problem(0, "say below why this is changed"))
        if found:
            return self.shown(body, seen=Shown.of(draft, self.stands, self.actor), found=found, status=422)
        return redirect(mappers.page_of_draft(draft))

    def discarded(self) -> HttpResponse:
        if draft := self.own():
            discard_draft(draft=draft, by=self.actor)
        messages.success(self.request, "Your draft is discarded. This is what is told now.")
        return redirect(self.request.path)

    def reverted(self, number: str) -> HttpResponse:
        past = Revision.objects.filter(
            kind=RevisionKind.MAPPER, key=self.destination.slug, number=number or 0
        )
        revision = past.first()
        if revision is None:
            raise Http404
        revert(revision=revision, by=self.actor)
        messages.success(self.request, f"Revision {number} is your draft now. Look at it, then publish it.")
        return redirect(self.request.path)

    def with_example(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep what the preview shows as an example."""
        name = self.request.POST.get("example-name", "").strip()
        form = self.preview()
        if self.act != "example" or not name or not form.is_valid() or self.wrong(body):
            return body
        kept = mapper_preview.example(self.destination, body, form, name[:100], self.system)
        return {**body, "examples": [*body.get("examples", []), kept]}

    def preview(self) -> PreviewForm:
        return PreviewForm(
            self.request.POST or {"answers": "opted_out", "whose": "sample"}, system=self.system
        )

    def wrong(self, body: Mapping[str, Any]) -> list[Problem]:
        return mappers.problems_of(self.destination, body)

    def shown(
        self,
        body: Mapping[str, Any],
        reason: str | None = None,
        seen: Shown | None = None,
        found: list[Problem] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        found = self.wrong(body) if found is None else found
        form, (examples, kept) = self.preview(), examples_shown(body)
        posted, seen = self.request.POST, seen or Shown.read(self.request.POST.get("seen", ""))
        own, is_stale = self.own(), bool(self.stands and seen.number < self.stands.number)
        page = MapperPage(
            system=self.destination.name,
            pk=self.destination.pk,
            back=reverse("admin:destinations_destination_change", args=[self.destination.pk]),
            rows=rows_shown(body, self.system, found),
            problems=tuple(each.words for each in found if not each.row),
            wrong=len(found),
            targets=tuple((each.example, each.words) for each in self.system.connector.targets),
            examples=examples,
            kept_examples=kept,
            reason=posted.get("reason", "") if reason is None else reason,
            seen=str(seen),
            newer=self.stands if is_stale else None,
            choose=mappers.page_of_draft(own) if own else "",
            preview=form,
            found=self.looked_at(body, form, found),
            others=list(self.drafts.exclude(author=self.actor)),
            revisions=list(self.revisions[:20]),
        )
        context = {**self.admin.admin_site.each_context(self.request), "opts": self.admin.opts, "page": page}
        context["title"] = f"What {self.destination} is told"
        return TemplateResponse(self.request, "destinations/admin/mapper.html", context, status=status)

    def looked_at(self, body: Mapping[str, Any], form: PreviewForm, found: list[Problem]) -> Seen:
        if any(each.row for each in found) or not body["rows"]:
            return Seen(words="Put the rows right first: then you see here what is sent.")
        if not form.is_valid():
            return Seen(words="Look again at whom you want to see.")
        if form.cleaned_data["whose"] != PERSON:
            return mapper_preview.sample(self.destination, body, form)
        if not self.request.user.has_perm(SEE_PEOPLE):
            return Seen(words="Your account may not see people: look at an invented one.")
        if self.act != "preview":
            return Seen(words="Press the button to look at this person; it is noted with your name.")
        return mapper_preview.person(self.destination, body, form, self.actor)
