"""All website banners, and the beginning of a new one."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from config.staff.access import actor, may, needs, show
from config.staff.banners.reading import open_drafts
from config.staff.permissions import CHANGE_BANNERS, SEE_BANNERS
from portal.banner.beginning import first_body
from portal.banner.terms import Mode
from preferences.models import Banner, Source
from preferences.services import save_draft
from preferences.shown import Shown
from preferences.terms import RevisionKind


@dataclass(frozen=True, slots=True)
class Line:
    """A banner: which revision stands, on which sites, what holds where, whose drafts there are."""

    slug: str
    name: str
    number: int
    since: datetime | None
    sites: tuple[str, ...]
    modes: tuple[str, ...]
    drafts: tuple[str, ...]


class AddForm(forms.Form):
    """What a new banner is called."""

    name = forms.CharField(
        label="Name of the banner",
        max_length=80,
        help_text="Staff know it by this name; visitors never see it. The website, for instance.",
    )

    def clean(self) -> dict[str, object]:
        """Its short name too, by which it is known for good."""
        given = super().clean() or {}
        given["slug"] = slug = slugify(given.get("name", ""))[:49].strip("-")
        if given.get("name") and not slug[:1].isalpha():
            self.add_error("name", "Begin with a letter from a to z: its short name is made of it.")
        elif slug in {each.slug for each in _lines()} or Source.objects.filter(slug=slug).exists():
            self.add_error("name", "Something else has this name already, a source or another banner.")
        return given


def _lines() -> list[Line]:
    drafts = open_drafts()
    standing = {each.key: each for each in Banner.objects.all()}
    bodies = {each.key: each.body for each in drafts} | {key: each.body for key, each in standing.items()}
    lines = []
    for slug, body in bodies.items():
        stands = standing.get(slug)
        modes = {Mode(region["mode"]).label for region in body["regions"].values()}
        lines.append(
            Line(
                slug,
                body["name"],
                stands.number if stands else 0,
                stands.published_at if stands else None,
                tuple(body["origins"]),
                tuple(sorted(modes)),
                tuple(each.author for each in drafts if each.key == slug),
            )
        )
    return sorted(lines, key=lambda each: each.name.lower())


@require_safe
@needs(SEE_BANNERS)
def banners(request: HttpRequest) -> HttpResponse:
    """The list."""
    page = {"lines": _lines(), "may": may(request, CHANGE_BANNERS)}
    return show(request, "banners/list", title="Website banners", page=page)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CHANGE_BANNERS)
def add(request: HttpRequest) -> HttpResponse:
    """A new one begins as a draft that asks before anything is used."""
    form = AddForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        save_draft(
            kind=RevisionKind.BANNER,
            key=given["slug"],
            body=first_body(given["name"]),
            author=actor(request),
            reason="",
            seen=Shown(),
        )
        messages.success(request, "This is your draft. Visitors see nothing of it until it is published.")
        return redirect("admin:banner_edit", given["slug"])
    status = 422 if form.errors else 200
    return show(request, "banners/add", title="Add a banner", page={"form": form}, status=status)
