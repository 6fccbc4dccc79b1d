"""Which languages patients are offered: those that a qualified translator reviewed (45 CFR 92.201(c)(3))."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language_info, override
from django.views.decorators.http import require_http_methods, require_safe

from config.staff.access import may, needs, show
from config.staff.permissions import CHANGE_APPEARANCE, SEE_APPEARANCE
from config.staff.publishing import REASON, earlier, publish_appearance
from destinations.models import Destination
from portal.responses import show as show_patients
from portal.sample import sample_page
from portal.texts import Text, has_texts, missing_in, texts_in
from preferences.appearance import LANGUAGE, appearance
from preferences.catalogue import Category, catalogue
from preferences.languages import ENGLISH, language_name, missing, others

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
    missing_categories: int
    has_texts: bool


class ReviewForm(forms.Form):
    """Somebody vouches for a translation."""

    translator = forms.CharField(label="Who reviewed it", max_length=150)
    qualification = forms.CharField(
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


class TakeBackForm(forms.Form):
    """Patients are no longer offered a language."""

    reason = REASON


def _lines() -> list[Line]:
    known, categories = appearance(), [each for each in catalogue() if not each.retired]
    return [
        Line(
            code,
            language_name(code),
            dict(settings.LANGUAGES)[code],
            "rtl" if get_language_info(code)["bidi"] else "ltr",
            known.is_reviewed(code),
            known.reviews.get(code),
            missing_in(code),
            sum(len(missing(each.texts, [code]).get(code, ())) for each in categories),
            has_texts(code),
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
    """Every text beside its English: what a translator reviews."""
    line = _line(code)
    page = {"line": line, "texts": list(texts_in(code)), "own": list(_own_texts(code))}
    return show(request, "language_texts", title=f"Texts in {line.name}", page=page)


def _own_texts(code: str) -> Iterator[Text]:
    """What the organisation wrote itself: of each category in use, and what each system is called."""
    for category in catalogue():
        if not category.retired:
            yield from _category_texts(category, code)
    for system in Destination.objects.order_by("name"):
        label = system.label_in(code)
        yield Text(system.public_label, (label.words,) if label.language == code else ())


def _category_texts(category: Category, code: str) -> Iterator[Text]:
    there = asdict(category.texts[code]) if code in category.texts else {}
    for name, english in asdict(category.in_(ENGLISH)).items():
        if english:
            yield Text(english, (there[name],) if there.get(name) else ())


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
    """Say that it is reviewed, or take that back."""
    line = _line(code)
    form = (TakeBackForm if line.reviewed else ReviewForm)(request.POST or None)
    if not (line.reviewed or line.has_texts) and form.is_bound:
        form.add_error(None, NO_TEXTS)
    if form.is_valid():
        publish_appearance(request, LANGUAGE + code, _review(form), form.cleaned_data["reason"])
        told = "no longer offered" if line.reviewed else "offered from now on"
        messages.success(request, f"{line.name} is {told}.")
        return redirect("admin:languages")
    page = {"line": line, "form": form, "earlier": earlier(LANGUAGE + code)}
    title = f"Take back {line.name}" if line.reviewed else f"{line.name} was reviewed"
    return show(request, "language_review", title=title, page=page, status=422 if form.errors else 200)


def _review(form: forms.Form) -> dict[str, Any]:
    if isinstance(form, TakeBackForm):
        return {"reviewed": False}
    given = form.cleaned_data
    told = {name: given[name] for name in ("translator", "qualification")}
    return {"reviewed": True, **told, "day": given["day"].isoformat()}


def _line(code: str) -> Line:
    if code == ENGLISH or code not in others():
        raise Http404
    return next(each for each in _lines() if each.code == code)
