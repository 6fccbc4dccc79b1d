"""One-click unsubscribe (RFC 8058): what a mail program presses for a person, and a page with one button."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal import links, selectors, services
from portal.evidence import circumstances
from portal.links import Unusable
from portal.responses import TOKEN_IN_URL, link_problem, private, show
from portal.stopping import asked, stop_page
from portal.terms import LinkProblem, Purpose
from portal.wording import language
from preferences.catalogue import catalogue
from preferences.errors import NotFound

ROUTE = "/u/{token}"


# A mail program sends no cookies and follows no redirects (RFC 8058, section 3.1), and a link may be pressed
# from anywhere: what it is signed with is all there is to check. Whatever is posted counts: refusing an
# opt-out for the form of its body would help nobody.
@csrf_exempt
@private(referrer=TOKEN_IN_URL)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """POST stops what the link is about, at once and however often. GET only asks: scanners follow links."""
    try:
        link = links.read(token, Purpose.UNSUBSCRIBE)
        known = catalogue()
        choice = asked(link, known, selectors.kind_of(link.address_id))
        if request.method == "POST":
            evidence = circumstances(request, page=ROUTE)
            services.stop(link=link, choice=choice, evidence=evidence, now=timezone.now())
    except Unusable as unusable:
        return link_problem(request, unusable.problem)
    except NotFound:
        return link_problem(request, LinkProblem.REVOKED)
    template = "unsubscribed" if request.method == "POST" else "unsubscribe"
    return show(request, template, stop_page(choice, known, language()))
