"""One's own draft of a banner: the form, and beside it how the draft looks."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from config.staff.access import actor, needs, show
from config.staff.banners.form import BannerForm
from config.staff.banners.preview import Looking, looking
from config.staff.banners.reading import Work, keep, seen_by, work_on
from config.staff.permissions import CHANGE_BANNERS
from preferences.services import discard_draft

NO_REASON = "Say in a few words why this changes: whoever publishes it, and whoever asks later, reads it."


@dataclass(frozen=True, slots=True)
class EditPage:
    """All that the page shows."""

    work: Work
    form: BannerForm
    looking: Looking
    is_own: bool


@require_http_methods(["GET", "HEAD", "POST"])
@needs(CHANGE_BANNERS)
def design(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, and its buttons: `keep`, `compare`, `discard`."""
    found = work_on(request, slug)
    if request.method == "POST":
        return _done(request, found)
    reason = found.draft.reason if found.draft else ""
    return _shown(request, found, BannerForm(found.body, seen_by(request, found), reason))


def _done(request: HttpRequest, found: Work) -> HttpResponse:
    act = request.POST.get("act", "")
    if act == "discard":
        return _discarded(request, found)
    form = BannerForm(found.body, "", "", request.POST)
    is_sound = form.is_valid()
    if act == "compare" and not form.site.cleaned_data.get("reason", "").strip():
        form.site.add_error("reason", NO_REASON)
        is_sound = False
    if not is_sound:
        return _shown(request, found, form, status=422)
    given = form.site.cleaned_data
    draft = keep(request, found, form.body, reason=given["reason"].strip(), seen=given["seen"])
    if act == "compare":
        return redirect("admin:preferences_draft_change", draft.pk)
    messages.success(request, "Kept as your draft. Visitors see nothing of it until it is published.")
    return redirect("admin:banner_edit", found.slug)


def _discarded(request: HttpRequest, found: Work) -> HttpResponse:
    if found.draft and found.draft.author == actor(request):
        discard_draft(draft=found.draft, by=actor(request))
        messages.success(request, "Your draft is discarded. What stands goes on standing.")
    return redirect("admin:banner", found.slug) if found.stands else redirect("admin:banners")


def _shown(request: HttpRequest, found: Work, form: BannerForm, status: int = 200) -> HttpResponse:
    is_own = found.draft is not None and found.draft.author == actor(request)
    page = EditPage(found, form, looking(request, found), is_own)
    return show(request, "banners/edit", title=f"Change {found.name}", page=page, status=status)
