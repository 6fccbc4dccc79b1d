"""The buttons that pause a kind of message, and that end a pause."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal import forms, keeping, pausing, visits
from portal.evidence import circumstances
from portal.responses import private, see_other, visit_over
from portal.views.page import save_form, show_page


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest) -> HttpResponse:
    """Pause, or end a pause; what was chosen on the same page and not yet saved is saved with it."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    now = timezone.now()
    visits.stay(request)
    wish, filled = pausing.read(request.POST.get("pause", "")), forms.read(request.POST)
    if request.method != "POST" or wish is None or visit.proxy_id:
        return see_other("portal:page")
    came = pausing.pause(
        profile_id=visit.profile_id,
        wish=wish,
        form=filled.form,
        evidence=circumstances(request, page=request.path),
        now=now,
    )
    if came.newer:
        return show_page(request, visit, now, newer_pause=wish.category)
    if not (came.change or filled.picks):
        return see_other("portal:saved")  # pressed twice
    answer = save_form(request, visit, now)
    keeping.add_saved(request, [came.change] if came.change else [])
    return answer
