"""Which languages patients are offered: those that a qualified translator reviewed (45 CFR 92.201(c)(3))."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language_info, override
from django.views.decorators.http import require_http_methods, require_safe

from config.staff.access import may, needs, show
from config.staff.permissions import CHANGE_APPEARANCE, SEE_APPEARANCE
from config.staff.publishing import REASON, earlier, publish_appearance
from config.staff.vouched import marks_now, not_vouched, own
from portal.responses import show as show_patients
from portal.sample import sample_page
from portal.texts import Text, has_texts, missing_in, texts_in
from preferences.appearance import LANGUAGE, appearance
from preferences.languages import ENGLISH, language_name, others
from preferences.words import WordsField

CHANGED = (
    "Texts were changed after you had opened this page. Have them read first: they stand on the page before."
)
AGAIN = "They read every text that is new or changed since the last review, and patients may rely on it."
NO_TEXTS = "Nobody has translated the pages into this language yet: there is nothing that could be reviewed."


@dataclass(frozen=True, slots=True)
class Line:
    """A language: how far it is, whether patients are offered it, and who vouches for it."""

    code: str
    name: str
    own_name: str
    direction: str
    reviewed: bool
    review: Any
    missing: int
    missing_own: int
    has_texts: bool
    since: tuple[Text, ...]

    @property
    def reviewed_on(self) -> date:
        return date.fromisoformat(self.review["day"])


class ReviewForm(forms.Form):
    """Somebody vouches for a translation as it is."""

    translator = WordsField(label="Who reviewed it", max_length=150)
    qualification = WordsField(
        label="What makes them a qualified translator",
        max_length=300,
        help_text="A certificate, an agency, or how their skills in both languages were tested "
        "(45 CFR 92.4, qualified translator).",
    )
    day = forms.DateField(label="When", widget=forms.DateInput(attrs={"type": "date"}))
    statement = forms.BooleanField(
        label="They read every text on the page before this one, and patients may rely on it."
    )
    reason = REASON
    seen = forms.CharField(widget=forms.HiddenInput, error_messages={"required": CHANGED})

    def __init__(self, data: QueryDict | None, texts: Sequence[str], *, again: bool) -> None:
        self.texts = list(texts)
        self.now = sha256("".join(texts).encode()).hexdigest()[:16]
        super().__init__(data, initial={"seen": self.now})
        if again:
            self.fields["statement"].label = AGAIN

    def clean_seen(self) -> str:
        """Nobody vouches for what was altered after they had opened the page."""
        if self.cleaned_data["seen"] != self.now:
            raise forms.ValidationError(CHANGED)
        return self.now

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError("That day is yet to come: say when it was reviewed.")
        return day

    def body(self) -> dict[str, Any]:
        """What is published: who vouches, and for exactly which texts."""
        given = self.cleaned_data
        told = {name: given[name] for name in ("translator", "qualification")}
        return {"reviewed": True, **told, "day": given["day"].isoformat(), "texts": self.texts}


class TakeBackForm(forms.Form):
    """Patients are no longer offered a language."""

    reason = REASON


def _lines() -> list[Line]:
    known, said = appearance(), own()
    return [
        Line(
            code,
            language_name(code),
            dict(settings.LANGUAGES)[code],
            "rtl" if get_language_info(code)["bidi"] else "ltr",
            known.is_reviewed(code),
            known.reviews.get(code),
            missing_in(code),
            sum(not each.translated for each in said.texts_in(code)),
            has_texts(code),
            tuple(not_vouched(code, known, said)) if known.is_reviewed(code) else (),
        )
        for code in others()
    ]


@require_safe
@needs(SEE_APPEARANCE)
def languages(request: HttpRequest) -> HttpResponse:
    """All that Heed has texts in."""
    page = {"lines": _lines(), "may": may(request, CHANGE_APPEARANCE)}
    return show(request, "languages", title="Languages", page=page)


@require_safe
@needs(SEE_APPEARANCE)
def texts(request: HttpRequest, code: str) -> HttpResponse:
    """Every text beside its English: what a translator reviews. What is new or changed since stands first."""
    line = _line(code)
    page = {"line": line, "texts": list(texts_in(code)), "own": list(own().texts_in(code))}
    return show(request, "language_texts", title=f"Texts in {line.name}", page=page)


@require_safe
@needs(SEE_APPEARANCE)
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """A patients' page in this language, before any patient sees it."""
    line = _line(code)
    with override(line.code):
        return show_patients(request, "page", sample_page())


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CHANGE_APPEARANCE)
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Say that it is reviewed, as it is now."""
    line = _line(code)
    form = ReviewForm(request.POST or None, marks_now(code), again=line.reviewed)
    if not line.has_texts and form.is_bound:
        form.add_error(None, NO_TEXTS)
    if form.is_valid():
        publish_appearance(request, LANGUAGE + code, form.body(), form.cleaned_data["reason"])
        told = "is reviewed as it is now" if line.reviewed else "is offered from now on"
        messages.success(request, f"{line.name} {told}.")
        return redirect("admin:languages")
    page = {"line": line, "form": form, "earlier": earlier(LANGUAGE + code)}
    title = f"{line.name} was reviewed"
    return show(request, "language_review", title=title, page=page, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CHANGE_APPEARANCE)
def take_back(request: HttpRequest, code: str) -> HttpResponse:
    """Offer it no longer."""
    line = _line(code)
    if not line.reviewed:
        return redirect("admin:languages")
    form = TakeBackForm(request.POST or None)
    if form.is_valid():
        publish_appearance(request, LANGUAGE + code, {"reviewed": False}, form.cleaned_data["reason"])
        messages.success(request, f"{line.name} is no longer offered.")
        return redirect("admin:languages")
    page = {"line": line, "form": form, "earlier": earlier(LANGUAGE + code)}
    title = f"Take back {line.name}"
    return show(request, "language_take_back", title=title, page=page, status=422 if form.errors else 200)


def _line(code: str) -> Line:
    if code == ENGLISH or code not in others():
        raise Http404
    return next(each for each in _lines() if each.code == code)
