"""Coming in without a link: an email or a phone is entered, then the code that was sent there."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from destinations.services import texting_out
from portal import codes, sharing, visits
from portal.codes import Refused, TooMany
from portal.digits import typed
from portal.entering import AskPage, CodePage, to_show_again
from portal.evidence import network
from portal.responses import private, see_other, show, status_of
from portal.terms import CodeProblem
from portal.wording import language
from preferences.addresses import masked
from preferences.errors import Malformed
from preferences.identity import Named, named
from preferences.terms import IdentifierKind

ASKED = "portal.asked"


@private()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Ask for a code. The answer is the same whether or not the address is known."""
    texts = texting_out.can_send()
    if request.method != "POST":
        return show(request, "home", AskPage(texts))
    given = request.POST.get("address", "")
    try:
        address = _address(given)
    except Malformed:
        return show(request, "home", AskPage(texts, "malformed", to_show_again(given)), status=422)
    if address.kind == IdentifierKind.PHONE and not texts:
        return show(request, "home", AskPage(texts, "no_texts", to_show_again(given)), status=422)
    try:
        code = codes.ask(named=address, network=network(request), language=language(), now=timezone.now())
    except TooMany:
        return show(request, "home", AskPage(texts, "too_many"), status=429)
    request.session[ASKED] = {"code": code, "to": masked(address.kind, address.value)}
    return see_other("portal:code")


def _address(text: str) -> Named:
    """Raises Malformed."""
    return named(IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE, text)


@private()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Enter it, or have a new one sent."""
    asked = request.session.get(ASKED)
    if asked is None:
        return see_other("portal:home")
    if request.method != "POST":
        return _page(request)
    if request.POST.get("act") == "send":
        return _send_again(request, asked["code"])
    if not (given := typed(request.POST.get("code", ""))):
        return _page(request, CodeProblem.MALFORMED)
    try:
        entered = codes.enter(code_id=asked["code"], given=given, now=timezone.now())
    except Refused as refused:
        return _page(request, refused.problem, refused.left)
    if len(entered.people) > 1:
        sharing.keep(request, entered)
        return see_other("portal:whose")
    visits.begin_by_code(request, entered.people[0], entered.address_id)
    return see_other("portal:page")


@private()
@require_http_methods(["GET", "HEAD", "POST"])
def whose(request: HttpRequest) -> HttpResponse:
    """At an address that several people share: whose page is to be opened. With a link's strength only."""
    entered = sharing.kept(request)
    if entered is None:
        return see_other("portal:home")
    page = sharing.whose_page(entered)
    chosen = {str(key): key for key in page.people}.get(request.POST.get("person", ""))
    if chosen is None:
        return show(request, "whose", page)
    visits.begin_at_shared(request, chosen, entered.address_id, page.people[chosen])
    sharing.keep(request, entered)  # for whoever finds that it is the wrong page
    return see_other("portal:page")


def _send_again(request: HttpRequest, old: int) -> HttpResponse:
    try:
        new = codes.ask_again(code_id=old, network=network(request), language=language(), now=timezone.now())
    except TooMany:
        return _page(request, "too_many")
    except Refused:
        return see_other("portal:home")
    request.session[ASKED] = request.session[ASKED] | {"code": new}
    return see_other("portal:code")


def _page(request: HttpRequest, problem: str = "", left: int = 0) -> HttpResponse:
    page = CodePage(request.session[ASKED]["to"], "portal:code", problem, left)
    return show(request, "code", page, status=status_of(problem))
