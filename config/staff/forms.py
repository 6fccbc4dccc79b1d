"""What staff fill in: whom they look for, and what somebody asked them to record."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.text import Truncator

from config.staff.grants import Grant
from config.staff.saying import SaidForm
from preferences import identity
from preferences.catalogue import Catalogue
from preferences.errors import Malformed
from preferences.identity import Named
from preferences.models import Notice
from preferences.services import Choice, Said
from preferences.terms import ANY, Channel, IdentifierKind, State
from preferences.words import WordsField

YES_NO = [(State.IN.value, "Yes"), (State.OUT.value, "No")]


class SearchForm(forms.Form):
    """An exact identifier."""

    kind = forms.ChoiceField(
        label="Search by",
        choices=[(each.value, each.label) for each in (IdentifierKind.EMAIL, IdentifierKind.PHONE)]
        + [(IdentifierKind.MRN.value, IdentifierKind.MRN.label)],
        initial=IdentifierKind.EMAIL,
        widget=forms.RadioSelect,
    )
    value = forms.CharField(
        label="Exactly as they gave it",
        max_length=320,
        error_messages={"required": "Enter an email address, a phone number or a record number."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    authority = forms.CharField(
        label="Who gave the record number",
        max_length=50,
        required=False,
        help_text="Leave it as it is for our own record numbers.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].initial = settings.HEED_MRN_AUTHORITY

    def clean(self) -> dict[str, Any]:
        """What is looked for, as `named`."""
        told = super().clean() or {}
        if "kind" in told and "value" in told:
            try:
                told["named"] = _named(told)
            except Malformed as problem:
                self.add_error("value", f"We can’t read this: {problem.message}.")
        return told


def _named(told: dict[str, Any]) -> Named:
    is_mrn = told["kind"] == IdentifierKind.MRN
    namespace = (told.get("authority") or settings.HEED_MRN_AUTHORITY) if is_mrn else ""
    return identity.named(told["kind"], told["value"], namespace)


class ScriptField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no subscript when it runs  # type: ignore[type-arg]  # no generic at run time
    """A wording that staff read aloud, by its own words."""

    def label_from_instance(self, obj: Any) -> str:
        return Truncator(obj.body.get("text") or str(obj)).chars(110)


class RecordForm(SaidForm):
    """What somebody asked staff to record, how, and when they said it."""

    category = forms.ChoiceField(label="What it is about")
    channel = forms.ChoiceField(
        label="On which channel",
        choices=[(ANY, "All its channels"), *Channel.choices],
        initial=ANY,
        help_text="For a use of data, leave this on all.",
    )
    answer = forms.ChoiceField(label="What they said", choices=YES_NO, widget=forms.RadioSelect)
    undated = forms.BooleanField(
        label="Nobody knows when",
        required=False,
        help_text="A no counts from now. A yes without a day is kept, but does not count.",
    )
    notice = ScriptField(
        label="The wording you read to them",
        queryset=Notice.objects.none(),
        required=False,
        empty_label="None",
        help_text="A yes to marketing by text message or phone counts only with it. "
        "Scripts are published under Settings, Notices.",
    )
    second_step = forms.BooleanField(
        label="They confirmed it a second time",
        required=False,
        help_text="For a use of data: you asked once more, and they said yes again.",
    )
    missing_day = "Enter the day, or say that nobody knows when."

    def __init__(
        self, *args: Any, catalogue: Catalogue, proxies: Sequence[Grant] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known = catalogue
        if proxies:
            told_by = {str(each.person): f"{each.name}, {each.relation.lower()}" for each in proxies}
            self.fields["told_by"] = forms.ChoiceField(
                label="Who said it",
                choices=[("", "The person"), *told_by.items()],
                required=False,
                widget=forms.RadioSelect,
                help_text="Outside a grant a yes does not count, and a no is held on their addresses.",
            )
        self.fields["category"].choices = [  # type: ignore[attr-defined]  # it is a ChoiceField
            ("", "Choose one"),
            (ANY, "Everything we don’t have to send"),
            *((each.slug, each.in_("en").name) for each in catalogue if not (each.retired or each.required)),
        ]
        self.fields["notice"].queryset = Notice.objects.filter(body__has_key="text").order_by("key")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A use of data has no channels."""
        told = super().clean()
        about = self.known.by_slug.get(told.get("category", ""))
        if about and about.is_data_use and told.get("channel", ANY) != ANY:
            self.add_error("channel", f"{about.in_('en').name} has no channels: leave this on all.")
        return told

    def told(self, who: str) -> Said:
        """How it was said, with the wording read and the second confirmation."""
        notice = self.cleaned_data["notice"]
        return self.said(
            who, notice_id=notice.pk if notice else None, second_step=self.cleaned_data["second_step"]
        )

    def proxy(self) -> UUID | None:
        """Who said it for the person."""
        told_by = self.cleaned_data.get("told_by")
        return UUID(told_by) if told_by else None

    def choice(self) -> Choice:
        """What they chose."""
        told = self.cleaned_data
        return Choice(told["category"], told["channel"], State(told["answer"]))


class OutForm(forms.Form):
    """Which list of those who are out."""

    def __init__(self, known: Catalogue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(each.slug, each.in_("en").name) for each in known if not each.retired]
        self.fields["category"] = forms.ChoiceField(label="Out of", choices=[(ANY, "Anything"), *names])
        channels = [(ANY, "Any channel"), *Channel.choices]
        self.fields["channel"] = forms.ChoiceField(label="Sent by", choices=channels)

    def wanted(self) -> tuple[str, str]:
        """Category and channel; what cannot be read is any."""
        self.is_valid()
        return self.cleaned_data.get("category", ANY), self.cleaned_data.get("channel", ANY)


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = WordsField(
        max_length=200,
        error_messages={"required": "Say in a few words why."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, label: str, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label, self.fields["reason"].help_text = label, help_text
