"""Drafts: what is prepared, what waits for a second person, and what became of the rest."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from unfold.decorators import display

from preferences import slots
from preferences.admin.base import ReadOnlyAdmin, refusal
from preferences.admin.draft_page import may_publish, name_of, open_beside, page_of
from preferences.errors import Refused
from preferences.models import Draft
from preferences.services import (
    ask_second_person,
    discard_draft,
    in_force,
    publish_draft,
    put_on_top,
    take_up,
)
from preferences.shown import ON_TOP, READ_AGAIN, Shown
from preferences.terms import RevisionKind, RevisionState

WAITING = {"state": RevisionState.DRAFT, "asked_at__isnull": False}


class Stage(admin.SimpleListFilter):
    """Open ones first; what is settled is only looked up."""

    title, parameter_name = "stage", "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting for a second person"), ("settled", "Published or discarded")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        match self.value():
            case "waiting":
                return queryset.filter(**WAITING)
            case "settled":
                return queryset.exclude(state=RevisionState.DRAFT)
        return queryset.filter(state=RevisionState.DRAFT) if _is_list(request) else queryset


def _is_list(request: HttpRequest) -> bool:
    return request.path == reverse("admin:preferences_draft_changelist")


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Drafts are made where the thing itself is edited; here they are compared, published and discarded."""

    intro = "What somebody prepares. Nothing of it holds until it is published."
    empty = "Nobody prepares anything: drafts begin where a category, a notice or a mapper is edited."
    list_display = ("title", "kind", "author", "reason", "updated_at", "stage")
    list_filter = (Stage, "kind")
    ordering = ("-updated_at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may publish a thing sees its drafts; so does their author. Who sees categories sees all."""
        if obj is not None and (_is_own(request, obj) or request.user.has_perm(may_publish(obj))):
            return True
        return request.user.has_perm("preferences.view_category")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The comparison, and its buttons."""
        draft = Draft.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if not self.has_view_permission(request, draft):
            raise PermissionDenied
        if draft is None:
            raise Http404
        if elsewhere := _page_elsewhere(draft):
            return HttpResponseRedirect(elsewhere)
        if request.method == "POST":
            return self._settled(request, draft)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "page": page_of(draft, request),
        }
        context["title"] = f"{name_of(draft)}: draft"
        return TemplateResponse(request, "preferences/admin/draft.html", context)

    def _settled(self, request: HttpRequest, draft: Draft) -> HttpResponse:
        if request.POST.get("act") != "take_up" and not request.user.has_perm(may_publish(draft)):
            raise PermissionDenied
        beside = open_beside(draft) if draft.state == RevisionState.DISCARDED else None
        if parse_datetime(request.POST.get("seen", "")) != (beside or draft).updated_at:
            messages.error(request, READ_AGAIN)
            return HttpResponseRedirect(request.path)
        try:
            messages.success(request, _act(request, draft, beside))
        except Refused as refused:
            messages.error(request, refusal(refused))
        return HttpResponseRedirect(request.path)

    @display(description="What")
    def title(self, draft: Draft) -> str:
        return name_of(draft)

    @display(
        description="Stage",
        label={
            "draft": "info",
            "waiting for a second person": "warning",
            "published": "success",
            "discarded": "danger",
        },
    )
    def stage(self, draft: Draft) -> str:
        waits = draft.state == RevisionState.DRAFT and draft.asked_at
        return "waiting for a second person" if waits else RevisionState(draft.state).label.lower()


def _is_own(request: HttpRequest, draft: Draft) -> bool:
    return bool(request.user.get_username() == draft.author)


def _page_elsewhere(draft: Draft) -> str:
    """Policies and mappers are published on pages of their own; what was given up is read here."""
    if draft.state == RevisionState.DISCARDED:
        return ""
    return slots.checks(RevisionKind(draft.kind)).page(draft)


def _act(request: HttpRequest, draft: Draft, beside: Draft | None) -> str:
    """Do what was asked, and say what was done."""
    by = request.user.get_username()
    match request.POST.get("act"):
        case "publish":
            revision = publish_draft(draft=draft, by=by)
            return f"Published as revision {revision.number}. It holds from now on."
        case "ask":
            ask_second_person(draft=draft, by=by)
            return "It waits for a second person now, who finds it under Drafts and from the home page."
        case "discard":
            discard_draft(draft=draft, by=by, why=request.POST.get("why", ""))
            return "Discarded. What stands goes on standing."
        case "put_on_top":
            put_on_top(draft=draft, by=by, number=Shown.read(request.POST.get("number", "")).number)
            return ON_TOP
        case "take_up":
            take_up(draft=draft, by=by, instead_of=beside)
            return "This is your draft now. The other one is kept among the discarded."
    raise Http404


def opened(request: HttpRequest, kind: RevisionKind, key: str = "") -> Draft | None:
    """The draft that an editor goes on with: the one asked for, else one's own of this thing."""
    drafts = Draft.objects.filter(kind=kind, state=RevisionState.DRAFT)
    asked = request.GET.get("draft", "")
    if asked.isdecimal():
        return drafts.filter(pk=asked).first()
    return drafts.filter(key=key, author=request.user.get_username()).first() if key else None


def form_of(form: type[Any], request: HttpRequest, draft: Draft | None) -> type[Any]:
    """The editor's form, for whoever writes: it goes on with a draft, or begins one."""
    return type("DraftForm", (form,), {"draft": draft, "by": request.user.get_username()})


def going_on(request: HttpRequest, draft: Draft | None) -> None:
    """Say whose draft the form shows, and what was published after that was begun."""
    if draft is None:
        return
    messages.info(request, f"You go on with the draft by {draft.author}: nothing of it holds yet.")
    stands = in_force(RevisionKind(draft.kind), draft.key)
    if stands and stands.number != draft.based_on:
        told = f"{stands.author} published revision {stands.number} after this draft was begun"
        messages.warning(request, f"{told}: once you save it you see what that changed, and choose.")


def kept(request: HttpRequest, draft: Draft) -> HttpResponse:
    """On to the comparison."""
    messages.success(request, "Kept as a draft. Compare it with what stands, then publish it.")
    return HttpResponseRedirect(reverse("admin:preferences_draft_change", args=[draft.pk]))
