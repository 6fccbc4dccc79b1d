"""The form of a system, built from what its connector declares."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from django import forms
from unfold import widgets

from destinations import credentials
from destinations.connectors import CONNECTORS
from destinations.contract import Setting
from destinations.mappers import check_standing
from destinations.models import Destination
from destinations.services import check_connection
from preferences.errors import Malformed

PREFIX = "setting_"
FACTS = ("name", "slug", "public_label", "public_label_es", "purpose", "agreement", "told_confidential")
LIMITS = ("rate", "reads_back")


class SystemForm(forms.ModelForm):  # type: ignore[type-arg]  # no subscript when it runs
    """What every system has; `for_connector` adds what one kind of system needs."""

    connector = ""

    class Meta:
        model = Destination
        fields = (*FACTS, *LIMITS)
        labels = {"slug": "Short name"}
        help_texts = {"slug": "For systems: small letters, digits and hyphens. It can never be changed."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = copy(self.instance) if self.instance.pk else None
        self.declared = settings_of(self.connector)
        for name, setting in self.declared.items():
            self.fields[PREFIX + name] = field_for(setting, is_new=self.instance.pk is None)
            self.initial[PREFIX + name] = shown(setting, self.instance.settings.get(name, setting.default))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.settings = dict(self.instance.settings)
        self.secrets: dict[str, str] = {}
        for name, setting in self.declared.items():
            self._take(name, setting, given.get(PREFIX + name) or "")
        if not self.errors:
            self._check(given)
        return given

    def _wished(self, given: Mapping[str, Any]) -> Destination:
        """The system as it would be saved."""
        wished: Destination = copy(self.instance)
        wished.settings = self.settings
        for name in self._meta.fields or ():
            setattr(wished, name, given.get(name, getattr(wished, name)))
        return wished

    def _take(self, name: str, setting: Setting, text: str) -> None:
        if setting.secret:
            self.secrets[name] = text
            return
        try:
            self.settings[name] = lines_in(text) if setting.many else text.strip()
        except ValueError as line:
            self.add_error(PREFIX + name, f"“{line}”: write one name: value a line.")

    def _check(self, given: Mapping[str, Any]) -> None:
        known = credentials.standing(bytes(self.instance.secrets))
        try:
            check_connection(
                connector=self.connector,
                settings=self.settings,
                secrets=known | {name: value for name, value in self.secrets.items() if value},
                state=self.instance.state,
                agreement=given.get("agreement", ""),
                rate=given.get("rate", ""),
            )
            if self.before:
                check_standing(before=self.before, after=self._wished(given))
        except Malformed as refused:
            self.add_error(None, refused.message[:1].upper() + refused.message[1:] + ".")


def settings_of(connector: str) -> Mapping[str, Setting]:
    """What a connector needs; a removed one needs nothing any more."""
    declared = CONNECTORS.get(connector)
    return declared.settings if declared else {}


def limits_of(connector: str) -> tuple[str, ...]:
    """How it may be told; what can't be read back is not asked about."""
    known = CONNECTORS.get(connector)
    return LIMITS if known and known.reads_back else LIMITS[:1]


def form_for(base: Any, connector_slug: str) -> Any:
    """The form for one kind of system."""

    class Form(base):
        connector = connector_slug

    return Form


def field_for(setting: Setting, *, is_new: bool) -> forms.CharField:
    """One thing staff fill in. What stands in a secret is never put into the page."""
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


def shown(setting: Setting, value: Any) -> str:
    """What stands, as the form shows it."""
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
