"""What people decide about, as published: each save is a draft, which is compared and then published."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.decorators import display

from preferences.admin.base import StaffAdmin
from preferences.admin.category_body import channels_of, field_of, text_field
from preferences.admin.category_form import CategoryForm
from preferences.admin.drafts import form_of, going_on, kept, opened
from preferences.admin.wording import defaults_words
from preferences.appearance import offered as offered_languages
from preferences.catalogue import category_from
from preferences.languages import ENGLISH, language_name, missing, others
from preferences.models import Category, Draft, Revision
from preferences.services import save_draft
from preferences.shown import Shown
from preferences.terms import CategoryKind, Channel, RevisionKind, RevisionState

Fieldsets = list[tuple[str | None, dict[str, Any]]]
NATURE = (
    ("marketing", "sensitive"),
    ("honours_signal", "unknown_recipients"),
    "opt_in_expires_days",
    "order",
)
SUMMARY = ("title", "what", "defaults", "duties", "translated", "revision")


def texts_in(language: str) -> tuple[Any, ...]:
    """What people read of a category, in one language."""
    name, description, example, how_often = (
        text_field(each, language) for each in ("name", "description", "example", "how_often")
    )
    return name, description, (example, how_often)


def translations() -> Fieldsets:
    """One box a language beside English; closed where patients are not offered it yet."""
    read = offered_languages()
    return [
        (
            f"The same in {language_name(each)}",
            {"fields": texts_in(each), "classes": () if each in read else ("collapse",)},
        )
        for each in others()
    ]


def offered(channels: tuple[str, ...]) -> Fieldsets:
    """One box a channel."""
    return [(_title(channel), {"fields": _lines(field_of(channel), channel)}) for channel in channels]


def _title(channel: str) -> str:
    return Channel(channel).label if channel else "As a use of data"


def _lines(start: str, channel: str) -> tuple[Any, ...]:
    first: Any = (f"{start}_offered", f"{start}_default") if channel else f"{start}_default"
    return first, (f"{start}_needs", f"{start}_out")


@admin.register(Category)
class CategoryAdmin(StaffAdmin):
    """A category is published, never deleted: it is retired."""

    intro = "What people are asked about. What you save is a draft: you compare it first, then publish it."
    empty = "No categories yet: people can decide about nothing."
    form = CategoryForm
    list_display = SUMMARY
    readonly_fields = (*SUMMARY, "earlier")
    ordering = ("body__order",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        draft = opened(request, RevisionKind.CATEGORY, obj.key if obj else "")
        return form_of(CategoryForm, request, draft)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """An old address leads to what is in force now."""
        key = Revision.objects.filter(pk=object_id, kind=RevisionKind.CATEGORY).values("key")
        return self.get_queryset(request).filter(key__in=key).first() if object_id.isdecimal() else None

    def get_fieldsets(self, request: HttpRequest, obj: Category | None = None) -> Fieldsets:
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": (*SUMMARY, "earlier")})]
        reasons = [text_field("required_reason", language) for language in (ENGLISH, *others())]
        channels = channels_of(obj.body["kind"]) if obj else (*Channel.values, "")
        return [
            ("What people read", {"fields": texts_in(ENGLISH)}),
            *translations(),
            ("What it is", {"fields": (("slug", "kind"), *NATURE)}),
            *offered(channels),
            ("Duty and end", {"fields": ("required", *reasons, "retired")}),
            ("This change", {"fields": ("reason", "seen")}),
            *([("Revisions", {"fields": ("earlier",)})] if obj else []),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **more: Any) -> HttpResponse:
        if request.method == "GET":
            going_on(request, context["adminform"].form.draft)
        return super().render_change_form(request, context, **more)

    def save_model(self, request: Any, obj: Category, form: CategoryForm, change: bool) -> None:
        obj.body = form.body
        request.draft = save_draft(
            kind=RevisionKind.CATEGORY,
            key=form.body["slug"],
            body=form.body,
            author=request.user.get_username(),
            reason=form.cleaned_data["reason"],
            seen=Shown.read(form.cleaned_data["seen"]),
        )

    def response_add(self, request: Any, obj: Category, post_url_continue: str | None = None) -> HttpResponse:
        return kept(request, request.draft)

    def response_change(self, request: Any, obj: Category) -> HttpResponse:
        return kept(request, request.draft)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        found: QuerySet[Category] = Category.objects.all().order_by("body__order")
        return found

    @display(description="Category", ordering="body__order")
    def title(self, category: Category) -> str:
        return str(category)

    @display(description="What it is")
    def what(self, category: Category) -> str:
        body = category.body
        kind = CategoryKind(body["kind"]).label
        return f"{kind}, marketing" if body["marketing"] else kind

    @display(description="Without a choice")
    def defaults(self, category: Category) -> str:
        return defaults_words(category_from(category.body))

    @display(
        description="State", label={"required": "warning", "retired": "danger", "people choose": "success"}
    )
    def duties(self, category: Category) -> str:
        if category.body["retired"]:
            return "retired"
        return "required" if category.body["required"] else "people choose"

    @display(description="Texts", label={"complete": "success", "missing": "warning"})
    def translated(self, category: Category) -> tuple[str, str]:
        lacking = missing(category_from(category.body).texts, offered_languages())
        counted = [f"{len(names)} missing in {language_name(each)}" for each, names in lacking.items()]
        return ("missing", ", ".join(counted)) if lacking else ("complete", "complete")

    @display(description="Revision", ordering="number")
    def revision(self, category: Category) -> int:
        return category.number

    @display(description="What was published")
    def earlier(self, category: Category) -> SafeString:
        same = {"kind": RevisionKind.CATEGORY, "key": category.key}
        context = {
            "revisions": Revision.objects.filter(**same).order_by("-number")[:50],
            "drafts": Draft.objects.filter(**same, state=RevisionState.DRAFT).order_by("-updated_at"),
        }
        return render_to_string("preferences/admin/revisions.html", context)
