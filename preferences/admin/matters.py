"""What only a person can settle: open matters first, settled with a note."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet, Value
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from preferences.admin.base import NOBODY, NotedAdmin, link, link_to_person, stacked
from preferences.admin.wording import matter_words
from preferences.catalogue import catalogue_at, catalogue_version
from preferences.models import Review
from preferences.services import settle_review
from preferences.words import WordsField

ABOUT = ("title", "matter", "person", "second_person", "next_step", "source", "created_at")
SETTLED = ("settled_at", "settled_by", "settled_note")


class SettleForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """How it was settled."""

    note = WordsField(
        label="How it was settled",
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="What you did about it. Name nobody: no name, no address, no number.",
    )

    class Meta:
        model = Review
        fields = ("note",)


class Openness(admin.SimpleListFilter):
    """Open or settled."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("settled", "Settled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        if self.value() in ("open", "settled"):
            return queryset.filter(settled_at__isnull=self.value() == "open")
        return queryset


@admin.register(Review)
class ReviewAdmin(NotedAdmin):
    """Nothing is added here by hand, and what is settled stays settled."""

    intro = "What Heed can't decide alone. Open matters come first; settle each with a note on what you did."
    empty = "Nothing waits for you: Heed could place everything it was told."
    form = SettleForm
    noted_as = "matters for staff"
    list_display = ("title", "person", "source", "created_at", "state")
    list_display_links = ("title",)
    list_filter = (Openness, "kind")
    list_select_related = ("source",)
    ordering = (F("settled_at").desc(nulls_first=True), "-created_at")

    def about(self, obj: Review) -> UUID | None:
        return obj.profile_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        named: QuerySet[Review] = super().get_queryset(request).annotate(names=Value(catalogue_version()))
        return named

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = request.user.has_perm("preferences.change_review")
        return may and (obj is None or obj.settled_at is None)

    def get_fields(self, request: HttpRequest, obj: Review | None = None) -> tuple[str, ...]:
        return (*ABOUT, *SETTLED) if obj and obj.settled_at else (*ABOUT, "note")

    def get_readonly_fields(self, request: HttpRequest, obj: Review | None = None) -> tuple[str, ...]:
        return (*ABOUT, *SETTLED)

    def save_model(self, request: Any, obj: Review, form: SettleForm, change: bool) -> None:
        settle_review(review=obj, by=request.user.get_username(), note=form.cleaned_data["note"])

    @display(description="Matter", ordering="kind")
    def title(self, review: Review) -> str:
        return review.get_kind_display()

    @display(description="What to do")
    def matter(self, review: Any) -> SafeString:
        return stacked(matter_words(review, catalogue_at(review.names)))

    @display(description="Person")
    def person(self, review: Review) -> str | SafeString:
        return link_to_person(review.profile_id)

    @display(description="Other person")
    def second_person(self, review: Review) -> str | SafeString:
        return link_to_person(review.other_id)

    @display(description="Next")
    def next_step(self, review: Review) -> str | SafeString:
        if review.kind == Review.Kind.POSSIBLE_DUPLICATE and review.profile_id and review.other_id:
            return link(f"/admin/people/{review.profile_id}/same-as/{review.other_id}/", "Compare them")
        if review.kind == Review.Kind.TWO_ORDERS and review.profile_id:
            if review.other_id:  # parted: each has it on their own page
                return NOBODY
            return link(f"/admin/people/{review.profile_id}/order/", "Confirm which order stands")
        return NOBODY

    @display(description="Note")
    def settled_note(self, review: Review) -> str:
        return review.note

    @display(description="State", label={"open": "warning", "settled": "success"})
    def state(self, review: Review) -> str:
        return "settled" if review.settled_at else "open"
