"""The button that takes back the last save."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal import selectors, services, stepup, undoing, visits
from portal.responses import private, see_other, visit_over
from portal.views.page import record_form, show_page


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest) -> HttpResponse:
    """Say again what held before: a no at once, a yes by the code that any yes takes. Twice does nothing."""
    visit = visits.current(request)
    if visit is None:
        return visit_over(request)
    now = timezone.now()
    visits.stay(request)
    last = visits.begin_undo(request) if request.method == "POST" else None
    if last is None:
        return see_other("portal:saved")
    seen = selectors.see(visit.profile_id, now)
    filled = undoing.taken_back(last.before, last.changes, seen, services.form_version(seen))
    result = record_form(request, visit, filled, now)
    visits.keep_to_confirm(request, result.ask_twice, filled.form)
    visits.keep_saved(request, result.change, stop=False, waits=result.ask_code)
    if result.ask_code and (ask := stepup.needed(request, visit)):
        return ask
    visits.end_undo(request)
    if result.ask_again:
        return show_page(request, visit, now, result.ask_again)
    return see_other("portal:confirm" if result.ask_twice else "portal:saved")
