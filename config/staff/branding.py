"""The organisation's name, logo and colours on patients' pages."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from config.staff.access import may, needs, show
from config.staff.logos import checked
from config.staff.permissions import CHANGE_APPEARANCE, SEE_APPEARANCE
from config.staff.publishing import (
    REASON,
    AppearanceForm,
    earlier,
    put_back,
    replace_appearance,
    standing,
)
from portal.colours import HEX, nearest, passes, weakest
from preferences.appearance import BRANDING, Appearance, appearance
from preferences.words import WordsField

USUAL = {"light": "#0b5c62", "dark": "#74cbc7"}
COLOUR = forms.TextInput(attrs={"type": "color"})


class BrandingForm(AppearanceForm):
    """What patients see of the organisation."""

    organisation = WordsField(
        label="Name of the organisation",
        max_length=80,
        help_text="As patients know you. A new name is a new wording: it is kept with each choice.",
    )
    upload = forms.FileField(
        label="Logo",
        required=False,
        help_text="An SVG of plain shapes, or a PNG, of 30 KB at most. It is shown 54 pixels high.",
        widget=forms.FileInput(attrs={"accept": ".svg,.png"}),
    )
    no_logo = forms.BooleanField(label="Show the name instead of a logo", required=False)
    light = forms.CharField(
        label="Colour of buttons and links", max_length=7, widget=COLOUR, help_text="On a light page."
    )
    dark = forms.CharField(
        label="The same at night", max_length=7, widget=COLOUR, help_text="Where the device is set to dark."
    )
    reason = REASON

    def clean_organisation(self) -> str:
        """On one line: it stands in the subject of mails, and none is sent with a line break there."""
        return " ".join(self.cleaned_data["organisation"].split())

    def clean_upload(self) -> dict[str, str] | None:
        upload = self.cleaned_data["upload"]
        return checked(upload) if upload else None

    def clean(self) -> dict[str, Any]:
        """A page that comes back holds no file: whoever corrects a colour would publish no logo."""
        if self.errors and self.cleaned_data.get("upload"):
            self.add_error("upload", "Choose the file again: nothing was saved, and it was not kept.")
        return self.cleaned_data

    def clean_light(self) -> str:
        return self._readable("light")

    def clean_dark(self) -> str:
        return self._readable("dark")

    def _readable(self, theme: str) -> str:
        colour = str(self.cleaned_data[theme]).strip().lower()
        if not HEX.fullmatch(colour):
            raise forms.ValidationError("Write the colour as # and six digits: #0b5c62.")
        if not passes(colour, theme):
            raise forms.ValidationError(
                f"{colour} can’t be read well on a {theme} page: its contrast is "
                f"{weakest(colour, theme):.1f} to 1, and words need 4.5 (WCAG 2.2, 1.4.3). "
                f"The nearest that can is {nearest(colour, theme)}."
            )
        return colour

    def body(self, before: Appearance) -> dict[str, Any]:
        """What is published."""
        given = self.cleaned_data
        kept = None if given["no_logo"] else given["upload"] or before.branding.get("logo")
        return {
            "organisation": given["organisation"],
            "logo": kept,
            "accent": {"light": given["light"], "dark": given["dark"]},
        }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SEE_APPEARANCE)
def branding(request: HttpRequest) -> HttpResponse:
    """How it looks now, and the form that changes it."""
    if request.method == "POST":
        return _save(request)
    return _show(request, BrandingForm(initial=_standing()))


@needs(CHANGE_APPEARANCE)
def _save(request: HttpRequest) -> HttpResponse:
    form = BrandingForm(request.POST, request.FILES)
    if not form.is_valid() or not replace_appearance(request, BRANDING, form, form.body(appearance())):
        return _show(request, form, status=422)
    return redirect("admin:branding")


@require_POST
@needs(CHANGE_APPEARANCE)
def bring_back(request: HttpRequest, number: int) -> HttpResponse:
    """An earlier look stands again."""
    put_back(request, BRANDING, number)
    return redirect("admin:branding")


def _standing() -> dict[str, Any]:
    known = appearance()
    shown = {"organisation": known.organisation, "seen": standing(BRANDING)}
    return {**shown, **USUAL, **known.branding.get("accent", {})}


def _show(request: HttpRequest, form: BrandingForm, status: int = 200) -> HttpResponse:
    page = {
        "form": form,
        "look": appearance(),
        "may": may(request, CHANGE_APPEARANCE),
        "earlier": earlier(BRANDING),
    }
    return show(request, "branding", title="Look", page=page, status=status)
