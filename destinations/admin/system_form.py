"""The form of a system, built from what its connector declares."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from django import forms
from unfold import widgets

from destinations import credentials
from destinations.admin.declared_form import DeclaredForm
from destinations.connectors import CONNECTORS
from destinations.contract import Setting
from destinations.mappers import check_standing
from destinations.models import Destination
from destinations.services import check_connection
from preferences.errors import Malformed
from preferences.languages import language_name, others

FACTS = ("name", "slug", "public_label", "purpose", "agreement", "told_confidential")
LIMITS = ("rate", "reads_back")


class SystemForm(DeclaredForm):
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
        self.instance.connector = self.connector  # a new one is of the kind that was chosen
        self.declare(settings_of(self.connector))
        for language in others():
            self.fields[label_field(language)] = _label_in(language)
            self.initial[label_field(language)] = self.instance.public_labels.get(language, "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.take(given)
        self.labels = self._labels(given)
        if not self.errors:
            self._check(given)
        return given

    def _labels(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Those that were written; one in a language that Heed no longer speaks is kept."""
        written = {language: given.get(label_field(language), "") for language in others()}
        labels = {**self.instance.public_labels, **written}
        return {language: label for language, label in labels.items() if label}

    def _wished(self, given: Mapping[str, Any]) -> Destination:
        """The system as it would be saved."""
        wished: Destination = copy(self.instance)
        wished.settings = self.settings
        for name in self._meta.fields or ():
            setattr(wished, name, given.get(name, getattr(wished, name)))
        return wished

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


def label_field(language: str) -> str:
    """The field that holds what patients who read a language call the system."""
    return f"public_label_{language}"


def _label_in(language: str) -> forms.CharField:
    widget = widgets.UnfoldAdminTextInputWidget(attrs={"lang": language, "dir": "auto"})
    label = f"In {language_name(language)}"
    return forms.CharField(label=label, required=False, max_length=100, widget=widget)


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
