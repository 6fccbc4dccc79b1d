"""The form of a category: real fields for what is published as one body."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold import widgets

from preferences.admin.base import refusal
from preferences.admin.category_body import (
    USE,
    body_from,
    channels_of,
    codes_in,
    field_of,
    initial_from,
    text_field,
)
from preferences.errors import Malformed
from preferences.languages import language_name, others
from preferences.models import Category, Draft, Revision
from preferences.services import check_category
from preferences.shown import Shown
from preferences.terms import CategoryKind, Channel, OptInNeeds, RevisionKind
from preferences.words import WordsField


def _text(label: str, hint: str = "", *, required: bool = False, length: int = 200) -> forms.CharField:
    return WordsField(
        label=label,
        help_text=hint,
        required=required,
        max_length=length,
        widget=widgets.UnfoldAdminTextInputWidget,
    )


def _long(label: str, hint: str = "", *, required: bool = False, length: int = 500) -> forms.CharField:
    area = widgets.UnfoldAdminTextareaWidget(attrs={"rows": 2})
    return WordsField(label=label, help_text=hint, required=required, max_length=length, widget=area)


def _tick(label: str, hint: str = "") -> forms.BooleanField:
    return forms.BooleanField(
        label=label, help_text=hint, required=False, widget=widgets.UnfoldBooleanSwitchWidget
    )


def _number(label: str, hint: str = "", **limits: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=hint, widget=widgets.UnfoldAdminIntegerFieldWidget, **limits
    )


def _choice(label: str, choices: Any, *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=required, widget=widgets.UnfoldAdminSelectWidget
    )


def offer_fields(channel: str) -> dict[str, forms.Field]:
    """What is said about one channel."""
    start = field_of(channel)
    offered = {} if start == USE else {"offered": _tick("Offered")}
    fields = {
        **offered,
        "default": _tick("In without a choice", "Nobody asked: send anyway."),
        "needs": _choice("A yes counts from", OptInNeeds.choices, required=False),
        "out": _text("Out without a choice in", "Jurisdictions, with commas: CA-QC, US-WA"),
    }
    return {f"{start}_{name}": field for name, field in fields.items()}


def translated_fields(language: str) -> dict[str, forms.Field]:
    """The same texts in another language: all that English says, or nothing yet."""
    fields = {
        "name": _text("Name", length=100),
        "description": _long("What it is about", "Translate what it means, not word by word."),
        "example": _text("An example"),
        "how_often": _text("How often"),
        "required_reason": _long(f"Why it is required, in {language_name(language)}"),
    }
    for field in fields.values():
        field.widget.attrs |= {"lang": language, "dir": "auto"}
    return {text_field(name, language): field for name, field in fields.items()}


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """Saving makes a draft of the next revision; `draft` is one that is gone on with, `by` whoever writes."""

    draft: Draft | None = None
    by = ""
    slug = forms.CharField(
        max_length=50,
        label="Short name",
        help_text="For systems: small letters, digits and underscores. It can never be changed.",
        widget=widgets.UnfoldAdminTextInputWidget,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*$", "Small letters, digits and underscores, a letter first.")
        ],
    )
    kind = _choice("What it is", CategoryKind.choices)
    order = _number("Place in the list", "People see the lowest number first.", min_value=0)
    name = _text("Name", required=True, length=100)
    description = _long("What it is about", "One sentence, in words a patient uses.", required=True)
    example = _text("An example")
    how_often = _text("How often")
    marketing = _tick("Marketing")
    honours_signal = _tick("Honours the privacy signal", "A browser's Global Privacy Control turns it off.")
    sensitive = _tick("Sensitive", "Its name may reveal a condition: it is named with care.")
    unknown_recipients = _tick("May be sent to people we don't know")
    opt_in_expires_days = _number("A yes expires after days", "Empty: never.", min_value=1, required=False)
    required = _tick("Required", "People can't turn it off.")
    required_reason = _long("Why it is required", "People read this.")
    retired = _tick("Retired", "Nothing is sent any more; what people chose is kept.")
    reason = _long("Reason for this change", "Kept with your name, for good.", required=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Category
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        before = kwargs.get("instance")
        self.before: dict[str, Any] | None = before.body if before else None
        kwargs["initial"] = {**self._shown(before), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for language in others():
            self.fields.update(translated_fields(language))
        for channel in channels_of(before.body["kind"]) if before else ("", *Channel.values):
            self.fields.update(offer_fields(channel))
        for fixed in ("slug", "kind"):
            self.fields[fixed].disabled = before is not None

    def _shown(self, before: Category | None) -> dict[str, Any]:
        shown: dict[str, Any] = {"order": 100, "seen": str(Shown.of(self.draft, before, self.by))}
        if source := self.draft or before:
            shown |= initial_from(source.body)
        return {**shown, "reason": self.draft.reason} if self.draft else shown

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self._clean_places()
        self._clean_name()
        if self.errors:
            return given
        self.body = body_from(given, self.before)
        try:
            check_category(key=given["slug"], body=self.body, before=self.before)
        except Malformed as refused:
            self.add_error(None, refusal(refused))
        return given

    def _post_clean(self) -> None:
        """The row that is shown is never written: what is published is checked above."""

    def _clean_places(self) -> None:
        for name in [each for each in self.cleaned_data if each.endswith("_out")]:
            try:
                self.cleaned_data[name] = codes_in(self.cleaned_data[name])
            except ValueError as word:
                self.add_error(name, f"“{word}” is no jurisdiction: write US-WA or CA-QC.")

    def _clean_name(self) -> None:
        known = Revision.objects.filter(kind=RevisionKind.CATEGORY, key=self.cleaned_data.get("slug"))
        if self.before is None and known.exists():
            self.add_error("slug", "There is already a category with this short name.")
