"""A banner as a form: its site, what it asks, where what holds, its colors, and what tags are told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet, formset_factory
from django.forms.utils import ErrorList

from config.staff.words import sentence
from portal.banner.beginning import COLOURS
from portal.banner.checking import Contrast, Problem, contrasts, may_be_asked, problems
from portal.banner.origins import tidied
from portal.banner.regions import by_strictness
from portal.banner.saying import COLOURS as COLOUR_WORDS
from portal.banner.saying import SITE, granted_words, region_words
from portal.banner.terms import ALWAYS, EVERYWHERE, MAX_DAYS, NEVER, SIGNALS, Mode, Position
from portal.colours import HEX
from preferences.catalogue import catalogue
from preferences.words import WordsField

Body = Mapping[str, Any]

LINES = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"})
PICKER = {"type": "color"}


class RegionForm(forms.Form):
    """What holds in some places."""

    was = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="Name of the region", max_length=40)
    places = forms.CharField(
        label="Places",
        max_length=600,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "characters"}),
        help_text="US-CA, US, DE; EU is the EEA, the United Kingdom and Switzerland.",
    )
    mode = forms.ChoiceField(
        label="What holds until somebody chooses", choices=Mode.choices, widget=forms.RadioSelect
    )

    def clean_places(self) -> list[str]:
        return str(self.cleaned_data["places"]).upper().replace(",", " ").split()


class EverywhereForm(forms.Form):
    """What holds in all places that no region names."""

    mode = forms.ChoiceField(label="Everywhere else", choices=Mode.choices, widget=forms.RadioSelect)


class SiteForm(forms.Form):
    """All but the regions."""

    name = WordsField(label=SITE["name"], max_length=80, help_text="For staff; visitors never see it.")
    origins = forms.CharField(
        label=SITE["origins"],
        required=False,
        widget=LINES,
        help_text="One a line: https:// and the name, as in https://www.example.org. Others get no banner.",
    )
    categories = forms.MultipleChoiceField(
        label=SITE["categories"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Pick at least one use of data."},
    )
    position = forms.ChoiceField(
        label=SITE["position"],
        choices=Position.choices,
        widget=forms.RadioSelect,
        help_text="On a phone it is always at the bottom.",
    )
    days = forms.IntegerField(
        label=SITE["days"],
        min_value=1,
        max_value=MAX_DAYS,
        help_text=f"{MAX_DAYS} at most: browsers keep no longer.",
    )
    cookie_domain = forms.CharField(
        label=SITE["cookie_domain"],
        required=False,
        max_length=200,
        help_text="So that a choice holds on all parts of a site: example.org. Empty: on each by itself.",
    )
    reason = WordsField(
        label="Why",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Asked for before it is published. Kept with your name, for good.",
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [each for each in catalogue() if may_be_asked(each)]
        names = [(each.slug, each.in_("en").name) for each in asked]
        self.fields["categories"].choices = names  # type: ignore[attr-defined]  # it is a choice
        uses = [(each.slug, granted_words(each.slug)) for each in asked if each.is_data_use]
        for signal, words in SIGNALS.items():
            self.fields[signal] = forms.ChoiceField(
                label=words, choices=[*uses, (NEVER, "Never"), (ALWAYS, "Always")], required=False
            )
        for scheme in COLOURS:
            for name, label in COLOUR_WORDS.items():
                self.fields[f"{scheme}_{name}"] = forms.CharField(
                    label=label, max_length=7, widget=forms.TextInput(attrs=PICKER)
                )

    def clean_origins(self) -> list[str]:
        return list(dict.fromkeys(map(tidied, str(self.cleaned_data["origins"]).split())))

    @property
    def signals(self) -> list[forms.BoundField]:
        return [self[each] for each in SIGNALS]

    @property
    def schemes(self) -> list[tuple[str, list[forms.BoundField], tuple[Contrast, ...]]]:
        """Each theme, its fields, and how well what is typed can be read."""
        return [(each, self._colours(each), self._contrasts(each)) for each in COLOURS]

    def _colours(self, scheme: str) -> list[forms.BoundField]:
        return [self[f"{scheme}_{name}"] for name in COLOUR_WORDS]

    def _contrasts(self, scheme: str) -> tuple[Contrast, ...]:
        typed = {name: str(self[f"{scheme}_{name}"].value() or "").lower() for name in COLOUR_WORDS}
        return contrasts(typed) if all(map(HEX.fullmatch, typed.values())) else ()


class Regions(BaseFormSet):  # type: ignore[type-arg]  # no subscript when it runs
    """All that are there, each with a way out, and one more to fill in."""

    def add_fields(self, form: RegionForm, index: int | None) -> None:
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].label = "Leave this region out"

    def clean(self) -> None:
        """A name is one region's."""
        names = {EVERYWHERE, region_words(EVERYWHERE).casefold()}
        for form in self.forms:
            name = form.cleaned_data.get("name", "").casefold()
            if name in names:
                form.add_error("name", "Another region has this name.")
            names |= {name} - {""}


RegionSet = formset_factory(
    RegionForm, formset=Regions, extra=1, can_delete=True, can_delete_extra=False, max_num=30
)


class BannerForm:
    """The parts together, with the rules of a banner; each problem is told where it belongs."""

    def __init__(self, before: Body, seen: str, reason: str, data: Any = None) -> None:
        self.before = before
        self.site = SiteForm(data, initial={**_initial(before), "seen": seen, "reason": reason})
        everywhere = {"mode": before["regions"][EVERYWHERE]["mode"]}
        self.everywhere = EverywhereForm(data, prefix="everywhere", initial=everywhere)
        self.regions = RegionSet(
            data,
            prefix="region",
            initial=list(_initial_regions(before)),
            form_kwargs={"use_required_attribute": False},
        )

    @property
    def errors(self) -> bool:
        """For the summary at the top."""
        parts = (self.site, self.everywhere, *self.regions.forms)
        return self.site.is_bound and any(each.errors for each in parts)

    @property
    def non_field_errors(self) -> ErrorList:
        return self.site.non_field_errors()

    def is_valid(self) -> bool:
        if not all([self.site.is_valid(), self.everywhere.is_valid(), self.regions.is_valid()]):
            return False
        for problem in problems(self.body):
            self._tell(problem)
        return not self.errors

    @property
    def body(self) -> dict[str, Any]:
        """What is kept."""
        given = self.site.cleaned_data
        asked = self.before["categories"]
        kept = [slug for slug in asked if slug in given["categories"]]
        return {
            **self.before,
            **{name: given[name] for name in SITE},
            "categories": kept + [slug for slug in given["categories"] if slug not in asked],
            "colours": {
                scheme: {name: given[f"{scheme}_{name}"].lower() for name in COLOUR_WORDS}
                for scheme in COLOURS
            },
            "signals": {signal: given[signal] for signal in SIGNALS},
            "regions": self._regions(),
        }

    def _regions(self) -> dict[str, Any]:
        before = self.before["regions"]
        everywhere = {**before[EVERYWHERE], "places": [], "mode": self.everywhere.cleaned_data["mode"]}
        regions = {EVERYWHERE: everywhere}
        for form in self._named():
            given = form.cleaned_data
            texts = before.get(given["was"], {}).get("texts", {})
            regions[given["name"]] = {"places": given["places"], "mode": given["mode"], "texts": texts}
        return regions

    def _named(self) -> Iterator[RegionForm]:
        """Those that were filled in, and are not left out."""
        for form in self.regions.forms:
            if form.cleaned_data.get("name") and not form.cleaned_data.get(DELETION_FIELD_NAME):
                yield form

    def _tell(self, problem: Problem) -> None:
        words = sentence(problem.words)
        match problem.where:
            case ("regions", name, field):
                form = next((each for each in self._named() if each.cleaned_data["name"] == name), None)
                (form or self.everywhere).add_error(field if form else None, words)
            case ("colours", scheme, name):
                self.site.add_error(f"{scheme}_{name}", words)
            case (*_, field):
                self.site.add_error(field, words)


def _initial(body: Body) -> dict[str, Any]:
    colours = {
        f"{scheme}_{name}": value for scheme, each in body["colours"].items() for name, value in each.items()
    }
    site = {name: body[name] for name in SITE}
    return {**site, **colours, **body["signals"], "origins": "\n".join(body["origins"])}


def _initial_regions(body: Body) -> Iterable[dict[str, Any]]:
    for name, region in by_strictness(body["regions"]):
        if name != EVERYWHERE:
            yield {"was": name, "name": name, "places": ", ".join(region["places"]), "mode": region["mode"]}
