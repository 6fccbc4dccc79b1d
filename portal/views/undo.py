"""The button that takes back the last save."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal import forms, keeping, selectors, stepup, undoing, visits
from portal.building import undo_page
from portal.evidence import circumstances
from portal.responses import SeeOther, private, see_other, show, visit_over
from portal.views.saved import NEWER
from portal.wording import language, words
from preferences.catalogue import catalogue
from preferences.errors import NotFound


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest) -> HttpResponse:
    """Put back what stood before: by a code where that gives, in a second step where information is used."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    visits.stay(request)
    last = keeping.saved(request)
    if request.method != "POST" or not (last and last.can_undo) or request.POST.get("act") == "no":
        return see_other("portal:saved")
    if not forms.is_about(request.POST, last.of):
        return SeeOther(f"{reverse('portal:saved')}?{NEWER}=1")
    changes = selectors.changes(last.changes)
    if undoing.gives(changes) and (ask := stepup.needed(request, visit)):
        return ask
    asked = undoing.asked_twice(changes, catalogue())
    if asked and request.POST.get("act") != "yes":
        page = undo_page(asked, words(), language(), last.of)
        return show(request, "confirm", page, visit=visit)
    try:
        written = undoing.undo(
            profile_id=visit.profile_id,
            changes=changes,
            evidence=circumstances(request, page=request.path),
            now=timezone.now(),
            reached_at=visit.address_id,
            by_code=visit.by_code,
            proxy_id=visit.proxy_id,
        )
    except NotFound:
        return visit_over(request)
    keeping.keep_to_confirm(request, (), "")
    keeping.keep_undone(request, last.changes, written)
    return see_other("portal:saved")
