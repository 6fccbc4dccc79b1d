"""The form of an allowed event: real fields for what is published as one body."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from unfold import widgets

from governance.allowing import check_event
from governance.models import Allowance
from governance.terms import EventClass, PropertyClass
from preferences.admin.base import refusal
from preferences.catalogue import catalogue
from preferences.errors import Refused
from preferences.models import Draft, Revision
from preferences.shown import Shown
from preferences.terms import RevisionKind

MORE = 5  # empty lines for properties that are added
NOT_KEPT = ("", "Not kept")


def lines_of(count: int) -> Iterator[tuple[str, str]]:
    """The two fields of each property: where it stands, and what it says."""
    for number in range(count):
        yield f"path_{number}", f"class_{number}"


def _categories() -> list[tuple[str, str]]:
    return [(each.slug, _named(each)) for each in catalogue()]


def _named(category: Any) -> str:
    name = category.in_("en").name
    return f"{name} (retired)" if category.retired else str(name)


class AllowanceForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """Saving makes a draft of the next revision; `draft` is one that is gone on with, `by` whoever writes."""

    draft: Draft | None = None
    by = ""
    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="Exactly as partners send it. A page is called page_viewed, a screen screen_viewed.",
        widget=widgets.UnfoldAdminTextInputWidget,
    )
    what = forms.CharField(
        max_length=200,
        label="What happens in it",
        help_text="In a few words, for colleagues.",
        widget=widgets.UnfoldAdminTextInputWidget,
    )
    kind = forms.ChoiceField(
        label="Class",
        choices=EventClass.choices,
        help_text="Health, where it tells something of somebody's health that it happened at all.",
        widget=widgets.UnfoldAdminSelectWidget,
    )
    categories = forms.MultipleChoiceField(
        label="Belongs to",
        choices=_categories,
        required=False,
        help_text="What people decide about here decides about the event too.",
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )
    retired = forms.BooleanField(
        label="Retired",
        required=False,
        help_text="It no longer comes in.",
        widget=widgets.UnfoldBooleanSwitchWidget,
    )
    reason = forms.CharField(
        label="Reason for this change",
        max_length=500,
        help_text="Kept with your name, for good.",
        widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Allowance
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        before = kwargs.get("instance")
        self.before: dict[str, Any] | None = before.body if before else None
        source = self.draft.body if self.draft else self.before or {}
        listed = list(source.get("properties", {}).items())
        self.lines = list(lines_of(count_of(source)))
        kwargs["initial"] = {**self._shown(source, before), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["name"].disabled = before is not None
        for number, (path, kind) in enumerate(self.lines):
            shown = listed[number] if number < len(listed) else ("", "")
            self.fields[path] = _path(shown[0])
            self.fields[kind] = _class(shown[1])

    def _shown(self, source: Mapping[str, Any], before: Revision | None) -> dict[str, Any]:
        shown = {name: source[name] for name in ("name", "what", "categories") if name in source}
        shown |= {"kind": source.get("class", EventClass.PLAIN), "retired": source.get("retired", False)}
        reason = self.draft.reason if self.draft else ""
        return {**shown, "reason": reason, "seen": str(Shown.of(self.draft, before, self.by))}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self._clean_name()
        properties = self._properties()
        if self.errors:
            return given
        self.body = {
            "name": given["name"].strip(),
            "what": given["what"],
            "class": given["kind"],
            "categories": given["categories"],
            "properties": properties,
            **({"retired": True} if given["retired"] else {}),
        }
        try:
            check_event(key=self.body["name"], body=self.body, before=self.before)
        except Refused as refused:
            self.add_error(None, refusal(refused))
        return given

    def _post_clean(self) -> None:
        """The row that is shown is never written: what is published is checked above."""

    def _properties(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, kind in self.lines:
            name, chosen = self.cleaned_data.get(path, "").strip(), self.cleaned_data.get(kind, "")
            if name and not chosen and not self.fields[path].initial:
                self.add_error(kind, "Say what it is.")
            elif name in found:
                self.add_error(path, "It stands above already.")
            elif name and chosen:
                found[name] = chosen
        return found

    def _clean_name(self) -> None:
        name = self.cleaned_data.get("name", "").strip()
        known = Revision.objects.filter(kind=RevisionKind.EVENT, key=name)
        if self.before is None and known.exists():
            self.add_error("name", "There is already an event of this name.")


def count_of(body: Mapping[str, Any]) -> int:
    """How many lines the form has for what is kept."""
    return len(body.get("properties", {})) + MORE


def _path(shown: str) -> forms.CharField:
    return forms.CharField(
        label="Property",
        required=False,
        max_length=100,
        initial=shown,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"placeholder": "clinic.name"}),
    )


def _class(shown: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="is",
        required=False,
        choices=[NOT_KEPT, *PropertyClass.choices],
        initial=shown,
        widget=widgets.UnfoldAdminSelectWidget,
    )
