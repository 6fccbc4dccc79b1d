"""The button that closes the page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from portal import visits
from portal.responses import private, see_other, show


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit: whoever sits down next finds nothing, not by the back button either."""
    if request.method == "POST":
        visits.end(request)
        return see_other("portal:leave")
    return see_other("portal:page") if visits.is_open(request) else show(request, "left")
