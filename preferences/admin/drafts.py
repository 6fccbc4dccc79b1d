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
from preferences.admin.draft_page import may_publish, name_of, page_of
from preferences.errors import Refused
from preferences.models import Draft
from preferences.services import ask_second_person, discard_draft, publish_draft
from preferences.terms import RevisionKind, RevisionState

READ_AGAIN = "The draft was saved again, or settled, while you read it. Look at it once more."
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
        """Whoever may publish a thing sees its drafts; all of them are listed for who sees categories."""
        own = obj is not None and request.user.has_perm(may_publish(obj))
        return own or request.user.has_perm("preferences.view_category")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The comparison, and its buttons."""
        draft = Draft.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        if not self.has_view_permission(request, draft):
            raise PermissionDenied
        if draft is None:
            raise Http404
        if elsewhere := slots.checks(RevisionKind(draft.kind)).page(draft):
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
        if not request.user.has_perm(may_publish(draft)):
            raise PermissionDenied
        if parse_datetime(request.POST.get("seen", "")) != draft.updated_at:
            messages.error(request, READ_AGAIN)
            return HttpResponseRedirect(request.path)
        try:
            messages.success(request, _act(request, draft))
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


def _act(request: HttpRequest, draft: Draft) -> str:
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
    raise Http404


def opened(request: HttpRequest, kind: RevisionKind, key: str = "") -> Draft | None:
    """The draft that an editor goes on with: the one asked for, else one's own of this thing."""
    drafts = Draft.objects.filter(kind=kind, state=RevisionState.DRAFT)
    asked = request.GET.get("draft", "")
    if asked.isdigit():
        return drafts.filter(pk=asked).first()
    return drafts.filter(key=key, author=request.user.get_username()).first() if key else None


def kept(request: HttpRequest, draft: Draft) -> HttpResponse:
    """On to the comparison."""
    messages.success(request, "Kept as a draft. Compare it with what stands, then publish it.")
    return HttpResponseRedirect(reverse("admin:preferences_draft_change", args=[draft.pk]))
