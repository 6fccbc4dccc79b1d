"""The part of a form that is built from what a kind of system, or a vendor, declares that it needs."""

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold import widgets

from destinations.contract import Setting

PREFIX = "setting_"


class DeclaredForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """A field for each declared setting; what was filled in stands in `settings` and `secrets`."""

    def declare(self, declared: Mapping[str, Setting]) -> None:
        """Add the fields, with what stands."""
        self.declared = declared
        for name, setting in declared.items():
            self.fields[PREFIX + name] = field_for(setting, is_new=self.instance.pk is None)
            self.initial[PREFIX + name] = shown(setting, self.instance.settings.get(name, setting.default))

    def take(self, given: Mapping[str, Any]) -> None:
        """Read them; an error stands beside the field that it is about."""
        self.settings = dict(self.instance.settings)
        self.secrets: dict[str, str] = {}
        for name, setting in self.declared.items():
            self._take(name, setting, given.get(PREFIX + name) or "")

    def _take(self, name: str, setting: Setting, given: Any) -> None:
        if setting.tick:
            self.settings[name] = bool(given)
            return
        text = str(given)
        if setting.secret:
            self.secrets[name] = text
            return
        try:
            self.settings[name] = lines_in(text) if setting.many else text.strip()
        except ValueError as line:
            self.add_error(PREFIX + name, f"“{line}”: write one name: value a line.")


def field_for(setting: Setting, *, is_new: bool) -> forms.Field:
    """One thing staff fill in. What stands in a secret is never put into the page."""
    if setting.tick:
        switch = widgets.UnfoldBooleanSwitchWidget()
        return forms.BooleanField(label=setting.label, help_text=setting.help, required=False, widget=switch)
    hint, widget = setting.help, widgets.UnfoldAdminTextInputWidget()
    if setting.secret:
        widget = widgets.UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        kept = "" if is_new else "Kept, and never shown again. Leave empty to keep what stands."
        hint = ". ".join(filter(None, [hint, kept]))
    elif setting.many:
        widget = widgets.UnfoldAdminTextareaWidget(attrs={"rows": 5})
        hint = f"{hint}. One a line." if hint else "name: value, one a line."
    needed = setting.required and not (setting.secret and not is_new)
    return forms.CharField(label=setting.label, help_text=hint, required=needed, widget=widget, strip=True)


def shown(setting: Setting, value: Any) -> str | bool:
    """What stands, as the form shows it."""
    if setting.tick:
        return bool(value)
    if setting.secret:
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {each}" for name, each in value.items())
    return str(value)


def lines_in(text: str) -> dict[str, str]:
    """`name: value` a line. Raises ValueError with the first line that is none."""
    pairs = {}
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value):
            raise ValueError(line)
        pairs[name] = value
    return pairs
