"""The notice of language help at the foot of patients' pages (45 CFR 92.11)."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from config.staff.access import may, needs, show
from config.staff.permissions import CHANGE_APPEARANCE, SEE_APPEARANCE
from config.staff.publishing import REASON, AppearanceForm, earlier, put_back, replace_appearance, standing
from preferences.appearance import LANGUAGE_HELP, appearance
from preferences.languages import ENGLISH, language_name
from preferences.taglines import DEFAULTS, Tagline
from preferences.words import WordsField

FEWEST_DIGITS = 7


class LanguageHelpForm(AppearanceForm):
    """The number to call, and one sentence per language."""

    phone = forms.CharField(
        label="The number to call for language help",
        max_length=60,
        required=False,
        help_text="Each language then says to call it. With your TTY number, if you have one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in DEFAULTS:
            area = forms.Textarea(attrs={"rows": 2, "lang": line.code, "dir": line.direction})
            self.fields[line.code] = WordsField(
                label=_label(line), max_length=600, required=False, widget=area
            )
        self.fields["reason"] = REASON

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if phone and len([each for each in phone if each.isdigit()]) < FEWEST_DIGITS:
            raise forms.ValidationError("Write all of it, as people dial it: 1-800-555-0100 (TTY: 711).")
        return phone

    def body(self) -> dict[str, Any]:
        """What is published: sentences that are not our own."""
        usual = {line.code: line.text for line in DEFAULTS}
        given = {code: self.cleaned_data[code].strip() for code in usual}
        texts = {code: text for code, text in given.items() if text and text != usual[code]}
        return {"phone": self.cleaned_data["phone"].strip(), "texts": texts}


def _label(line: Tagline) -> str:
    """Its own name and the English one: who changes it may not read it."""
    english = language_name(line.code)
    return line.name if line.name == english else f"{line.name} ({english})"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_APPEARANCE)
def language_help(request: HttpRequest) -> HttpResponse:
    """The notice as it stands, and the form that changes it."""
    if request.method == "POST":
        return _save(request)
    known = appearance()
    lines = {line.code: line.text for line in known.help_from(ENGLISH)}
    shown = {"phone": known.help_phone, "seen": standing(LANGUAGE_HELP), **lines}
    return _show(request, LanguageHelpForm(initial=shown))


@needs(CHANGE_APPEARANCE)
def _save(request: HttpRequest) -> HttpResponse:
    form = LanguageHelpForm(request.POST)
    if not form.is_valid() or not replace_appearance(request, LANGUAGE_HELP, form, form.body()):
        return _show(request, form, status=422)
    return redirect("admin:language_help")


@require_POST
@needs(CHANGE_APPEARANCE)
def bring_back(request: HttpRequest, number: int) -> HttpResponse:
    """An earlier notice stands again."""
    put_back(request, LANGUAGE_HELP, number)
    return redirect("admin:language_help")


def _show(request: HttpRequest, form: LanguageHelpForm, status: int = 200) -> HttpResponse:
    page = {"form": form, "may": may(request, CHANGE_APPEARANCE), "earlier": earlier(LANGUAGE_HELP)}
    return show(request, "language_help", title="Notice of language help", page=page, status=status)
