"""Which events may come in: each save is a draft, which is compared and then published."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.decorators import display

from governance.admin.allowance_form import AllowanceForm, count_of, lines_of
from governance.models import Allowance
from governance.terms import EventClass, PropertyClass
from preferences.admin.base import NOBODY, StaffAdmin
from preferences.admin.drafts import form_of, going_on, kept, opened
from preferences.catalogue import catalogue
from preferences.models import Draft, Revision
from preferences.services import save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind, RevisionState

SUMMARY = ("title", "happens", "class_of", "belongs_to", "properties", "revision")


@admin.register(Allowance)
class AllowanceAdmin(StaffAdmin):
    """An allowed event is published, never deleted: it is retired."""

    intro = (
        "What partners may tell of people. An event that is not listed here, or a property of one that its "
        "event does not list, is dropped before anything is stored. What you save is a draft: you compare it "
        "first, then publish it."
    )
    empty = (
        "No event may come in yet. Add one; or let a partner send events first, and allow them where they "
        "are shown as seen, but not allowed."
    )
    form = AllowanceForm
    list_display = SUMMARY
    readonly_fields = (*SUMMARY, "earlier")
    ordering = ("key",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("governance.change_allowance")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return form_of(AllowanceForm, request, self._draft(request, obj))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """An old address leads to what is in force now."""
        key = Revision.objects.filter(pk=object_id, kind=RevisionKind.EVENT).values("key")
        return self.get_queryset(request).filter(key__in=key).first() if object_id.isdigit() else None

    def get_fieldsets(self, request: HttpRequest, obj: Allowance | None = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": (*SUMMARY, "earlier")})]
        draft = self._draft(request, obj)
        source = draft.body if draft else obj.body if obj else {}
        return [
            ("The event", {"fields": ("name", "what", "kind", "categories")}),
            ("What of it is kept", {"fields": tuple(lines_of(count_of(source)))}),
            ("This change", {"fields": (*(("retired",) if obj else ()), "reason", "seen")}),
            *([("Revisions", {"fields": ("earlier",)})] if obj else []),
        ]

    def _draft(self, request: HttpRequest, obj: Allowance | None) -> Draft | None:
        return opened(request, RevisionKind.EVENT, obj.key if obj else "")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **more: Any) -> HttpResponse:
        if request.method == "GET":
            going_on(request, context["adminform"].form.draft)
        return super().render_change_form(request, context, **more)

    def save_model(self, request: Any, obj: Allowance, form: AllowanceForm, change: bool) -> None:
        obj.body, obj.key = form.body, form.body["name"]
        request.draft = save_draft(
            kind=RevisionKind.EVENT,
            key=obj.key,
            body=form.body,
            author=request.user.get_username(),
            reason=form.cleaned_data["reason"],
            seen=Shown.read(form.cleaned_data["seen"]),
        )

    def response_add(
        self, request: Any, obj: Allowance, post_url_continue: str | None = None
    ) -> HttpResponse:
        return kept(request, request.draft)

    def response_change(self, request: Any, obj: Allowance) -> HttpResponse:
        return kept(request, request.draft)

    @display(description="Event", ordering="key")
    def title(self, event: Allowance) -> str:
        return event.key

    @display(description="What happens in it")
    def happens(self, event: Allowance) -> str:
        return str(event.body["what"])

    @display(description="Class", label={"plain": "success", "health": "danger", "retired": "info"})
    def class_of(self, event: Allowance) -> str:
        return "retired" if event.body.get("retired") else EventClass(event.body["class"]).label.lower()

    @display(description="Belongs to")
    def belongs_to(self, event: Allowance) -> str:
        known = catalogue().by_slug
        return ", ".join(known[each].in_("en").name for each in event.body["categories"]) or NOBODY

    @display(description="What of it is kept")
    def properties(self, event: Allowance) -> str:
        """How many properties there are of each class."""
        counts = Counter(event.body["properties"].values())
        words = [f"{counts[each]} {each.label.lower()}" for each in PropertyClass if counts[each]]
        return ", ".join(words) or NOBODY

    @display(description="Revision", ordering="number")
    def revision(self, event: Allowance) -> int:
        return event.number

    @display(description="What was published")
    def earlier(self, event: Allowance) -> SafeString:
        same = {"kind": RevisionKind.EVENT, "key": event.key}
        context = {
            "revisions": Revision.objects.filter(**same).order_by("-number")[:50],
            "drafts": Draft.objects.filter(**same, state=RevisionState.DRAFT).order_by("-updated_at"),
        }
        return render_to_string("preferences/admin/revisions.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Allowance]:
        found: QuerySet[Allowance] = Allowance.objects.all().order_by("key")
        return found
