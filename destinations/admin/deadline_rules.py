"""The rules that date opt-outs: read, added, ended; never altered."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold import widgets
from unfold.decorators import display

from destinations.deadline_rules import (
    NO_SOURCE,
    add_deadline_rule,
    check_deadline_rule,
    end_deadline_rule,
)
from destinations.models import DeadlineRule
from destinations.terms import CameIn
from destinations.wording import dated_words, force_words
from preferences.admin.base import NOBODY, StaffAdmin
from preferences.catalogue import catalogue
from preferences.errors import Malformed
from preferences.terms import Channel, RestrictionKind

NEW = (
    ("name", "slug"),
    ("amount", "unit"),
    ("starts", "ends"),
    ("source", "link"),
    "note",
)
CONDITIONS = (
    ("kind", "marketing"),
    "categories",
    "channels",
    "restrictions",
    "came_in",
    "places",
    "fallback",
)
SHOWN = (
    *("name", "slug", "version", "dates", "time"),
    *("in_force", "law", "note", "added", "ended_by"),
)


def sentence(words: str) -> str:
    """A refusal, as a page says it."""
    return f"{words[:1].upper()}{words[1:]}."


def ticks(label: str, choices: Any, hint: str = "") -> forms.MultipleChoiceField:
    """Any of these, or none in particular."""
    widget = widgets.UnfoldAdminCheckboxSelectMultipleWidget()
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=widget, help_text=hint or "None ticked: any."
    )


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """A new rule."""

    categories = ticks("Categories", lambda: [(each.slug, each.in_("en").name) for each in catalogue()])
    channels = ticks("Channels", Channel.choices)
    restrictions = ticks("Asked for as", RestrictionKind.choices, "None ticked: any, plain choices included.")
    came_in = ticks("Came in by", CameIn.choices)
    marketing = forms.TypedChoiceField(
        choices=[("", "Marketing or not"), ("yes", "Marketing"), ("no", "What is not marketing")],
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    places = forms.CharField(
        label="Where the person lives",
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text="Codes with commas between: US-CA, US-CT; CA is all of Canada. Empty: everywhere.",
    )

    class Meta:
        model = DeadlineRule
        fields = (
            *("name", "slug", "amount", "unit", "starts", "ends", "source", "link", "note"),
            *("kind", "marketing", "categories", "channels", "restrictions", "came_in", "fallback"),
        )
        error_messages = {"source": {"required": sentence(NO_SOURCE)}}
        help_texts = {
            "slug": "The same as of an ended rule, for its next version.",
            "amount": "For “at once”, five minutes.",
            "starts": "Dates what is received on this day or later.",
            "ends": "The first day on which it no longer holds; empty while there is none.",
            "source": "Law and section, as somebody can look it up.",
        }

    def clean_places(self) -> list[str]:
        places = self.cleaned_data["places"].upper().split(",")
        return [each.strip() for each in places if each.strip()]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own step, unknown to its stubs
        if self.errors:
            return
        self.instance.jurisdictions = self.cleaned_data["places"]
        try:
            check_deadline_rule(self.instance)
        except Malformed as refused:
            self.add_error(None, sentence(refused.message))


class EndForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """The one thing that can be said of a rule in the table: when it ends."""

    class Meta:
        model = DeadlineRule
        fields = ("ends",)
        help_texts = {"ends": "The first day on which it no longer holds. What came in before keeps it."}

    def clean_ends(self) -> date:
        ends: date | None = self.cleaned_data["ends"]
        if ends is None or ends < timezone.localdate():
            raise forms.ValidationError("Choose today or a later day.")
        return ends


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(StaffAdmin):
    """A clock keeps the rule it was started by, so a rule is ended and succeeded."""

    intro = (
        "By when an opt-out must be heeded, and who says so. Of all rules that apply the nearest date holds. "
        "A rule is never altered: end it, and add its successor under the same short name."
    )
    empty = "No rules: no opt-out has a deadline, and nobody is warned."
    list_display = ("name", "dates", "time", "in_force", "law")
    list_filter = ("unit", "fallback")
    ordering = ("fallback", "slug", "-version")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = EndForm if obj else RuleForm
        return super().get_form(request, obj, change, **{**kwargs, "form": form, "fields": form.Meta.fields})

    def get_fieldsets(self, request: HttpRequest, obj: DeadlineRule | None = None) -> Any:
        if obj is None:
            return [("The rule", {"fields": NEW}), ("What it dates", {"fields": CONDITIONS})]
        may_end = self.has_change_permission(request, obj)
        return [
            (None, {"fields": SHOWN}),
            *([("End this rule", {"fields": ("ends",)})] if may_end else []),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: DeadlineRule | None = None) -> tuple[str, ...]:
        return SHOWN if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: DeadlineRule | None = None) -> bool:
        may = request.user.has_perm("destinations.change_deadlinerule")
        return may and (obj is None or obj.ends is None)

    def save_model(self, request: Any, obj: DeadlineRule, form: Any, change: bool) -> None:
        who = request.user.get_username()
        if change:
            end_deadline_rule(rule=obj, ends=form.cleaned_data["ends"], by=who)
        else:
            add_deadline_rule(rule=obj, by=who)

    @display(description="What it dates")
    def dates(self, rule: DeadlineRule) -> str:
        return dated_words(rule, catalogue())

    @display(description="Time")
    def time(self, rule: DeadlineRule) -> str:
        return rule.time

    @display(description="In force", ordering="starts")
    def in_force(self, rule: DeadlineRule) -> str:
        return force_words(rule)

    @display(description="Source", ordering="source")
    def law(self, rule: DeadlineRule) -> str | SafeString:
        if not rule.link:
            return rule.source
        return format_html('<a class="underline" href="{}" rel="noreferrer">{}</a>', rule.link, rule.source)

    @display(description="Added by")
    def added(self, rule: DeadlineRule) -> str:
        return rule.added_by or NOBODY
