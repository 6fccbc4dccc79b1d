"""What a banner says in one language, text by text, beside its English and Heed's own words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language_info
from django.views.decorators.http import require_http_methods

from config.staff.access import needs, show
from config.staff.banners.preview import Looking, looking
from config.staff.banners.reading import Work, keep, seen_by, work_on
from config.staff.banners.standing import Spoken, spoken
from config.staff.permissions import CHANGE_BANNERS
from portal.banner.regions import by_strictness
from portal.banner.saying import region_words
from portal.banner.terms import EVERYWHERE
from portal.banner.wording import IN_WORDS, OF_BUTTONS, OF_REGION, Text, missing_in, words_of
from preferences.languages import ENGLISH
from preferences.words import WordsField

Body = Mapping[str, Any]


class TextsForm(forms.Form):
    """Every text that staff may write themselves; what is left empty is Heed's own, or staff's English."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, body: Body, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before, self.language = body, language
        self.regions = [name for name, _ in by_strictness(body["regions"])]
        lacking = missing_in(body, language)
        for part, name in self._texts():
            field = WordsField(
                label=IN_WORDS[name],
                required=False,
                max_length=40 if name in OF_BUTTONS else 120 if name == "title" else 600,
                widget=self._widget(name),
                initial=self._own(part).get(language, {}).get(name, ""),
                help_text=self._help(part, name, is_missing=(part, name) in lacking),
            )
            self.fields[self._field(part, name)] = field

    def _texts(self) -> Iterator[Text]:
        yield from (("", name) for name in OF_BUTTONS)
        yield from ((region, name) for region in self.regions for name in OF_REGION)

    def _field(self, part: str, name: str) -> str:
        return f"{self.regions.index(part)}-{name}" if part else name

    def _own(self, part: str) -> Body:
        found: Body = self.before["regions"][part]["texts"] if part else self.before["texts"]
        return found

    def _widget(self, name: str) -> forms.Widget:
        spoken = {"lang": self.language, "dir": _direction(self.language)}
        return (
            forms.Textarea(attrs={"rows": 2, **spoken}) if name == "text" else forms.TextInput(attrs=spoken)
        )

    def _help(self, part: str, name: str, *, is_missing: bool) -> str:
        region = part or EVERYWHERE
        english = words_of(self.before, region, ENGLISH)[name]
        if is_missing:
            return f"Missing: until you write it, visitors read your English, “{english}”"
        empty = words_of(_without(self.before, self.language), region, self.language)[name]
        beside = "" if self.language == ENGLISH else f" — English: “{english}”"
        return f"Left empty: “{empty}”{beside}"

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The words that all regions have in common, then each region's own."""
        parts: list[tuple[str, str, tuple[str, ...]]] = [("Buttons, everywhere", "", OF_BUTTONS)]
        parts += [(f"First layer: {region_words(each)}", each, OF_REGION) for each in self.regions]
        return [(title, [self[self._field(part, name)] for name in names]) for title, part, names in parts]

    def body(self) -> dict[str, Any]:
        """What is kept: only what was written."""
        regions = {
            name: {**each, "texts": self._written(name, OF_REGION)}
            for name, each in self.before["regions"].items()
        }
        return {**self.before, "texts": self._written("", OF_BUTTONS), "regions": regions}

    def clean(self) -> dict[str, Any]:
        """Whoever says no presses another button than whoever says yes, and reads so."""
        told = super().clean() or {}
        if not self.errors:
            words = words_of(self.body(), EVERYWHERE, self.language)
            if words["accept"].casefold() == words["reject"].casefold():
                self.add_error(
                    "reject", "The button that says yes reads the same: nobody could tell them apart."
                )
        return told

    def _written(self, part: str, names: tuple[str, ...]) -> dict[str, Any]:
        given = {name: self.cleaned_data[self._field(part, name)].strip() for name in names}
        own = {name: text for name, text in given.items() if text}
        others = {code: texts for code, texts in self._own(part).items() if code != self.language}
        return {**others, self.language: own} if own else others


def _without(body: Body, language: str) -> Body:
    """The body as if nobody had written anything in a language."""

    def left(texts: Body) -> Body:
        return {code: each for code, each in texts.items() if code != language}

    regions = {name: {**each, "texts": left(each["texts"])} for name, each in body["regions"].items()}
    return {**body, "texts": left(body["texts"]), "regions": regions}


def _direction(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


@dataclass(frozen=True, slots=True)
class TextsPage:
    """All that the page shows."""

    work: Work
    form: TextsForm
    spoken: Spoken
    looking: Looking


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CHANGE_BANNERS)
def texts(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The texts of one's own draft in one language."""
    found = work_on(request, slug)
    line = next((each for each in spoken(found.body) if each.code == language), None)
    if line is None:
        raise Http404
    form = TextsForm(found.body, language, request.POST or None, initial={"seen": seen_by(request, found)})
    if form.is_valid():
        reason = found.draft.reason if found.draft else ""
        keep(request, found, form.body(), reason=reason, seen=form.cleaned_data["seen"])
        messages.success(request, f"Kept as your draft: {line.name}.")
        return redirect("admin:banner_texts", slug, language)
    page = TextsPage(found, form, line, replace(looking(request, found), language=language))
    title = f"{found.name} in {line.name}"
    return show(request, "banners/texts", title=title, page=page, status=422 if form.errors else 200)
