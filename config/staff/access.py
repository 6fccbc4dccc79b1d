"""Who may see what on staff's pages, and how a page is shown."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

View = Callable[..., HttpResponse]

SEE_PEOPLE = "preferences.view_profile"
RECORD = "preferences.add_change"
VOID = "preferences.void_change"
MERGE = "preferences.merge_profile"
ORDER = "preferences.set_order"
DECEASED = "preferences.set_deceased"
LIFT = "preferences.lift_restriction"
PROXIES = "preferences.add_proxygrant"
RETRY = "destinations.change_propagation"
HAND_OVER = "destinations.add_manualtask"
CONFIRM = "destinations.change_manualtask"
AGREE = "destinations.change_approval"
SEE_CATEGORIES = "preferences.view_category"
WORDS = {
    SEE_PEOPLE: "see people",
    RECORD: "record choices for people",
    VOID: "take back what was recorded in error",
    MERGE: "say that two records are one person, or two",
    ORDER: "set or end confidential-communications orders",
    DECEASED: "report a death or correct a report",
    LIFT: "lift restrictions of addresses",
    PROXIES: "say who may choose for somebody else",
    RETRY: "have systems told again",
    HAND_OVER: "ask somebody to do by hand what a system refuses",
    CONFIRM: "confirm what was done by hand in a system",
    AGREE: "agree to what reaches many",
    SEE_CATEGORIES: "see categories",
}


def show(
    request: HttpRequest, template: str, *, title: str, page: object = None, status: int = 200
) -> TemplateResponse:
    """One of staff's pages: a template and the one value that it shows."""
    context = {**admin.site.each_context(request), "title": title, "page": page}
    return TemplateResponse(request, f"staff/{template}.html", context, status=status)


def needs(permission: str) -> Callable[[View], View]:
    """Without this permission: a page that says which one is missing, and whom to ask."""

    def guarded(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if may(request, permission):
                return view(request, *args, **kwargs)
            return show(request, "refused", title="Not for your account", page=WORDS[permission], status=403)

        return wrapper

    return guarded


def may(request: HttpRequest, permission: str) -> bool:
    """May whoever is logged in do this?"""
    return request.user.has_perm(permission)


def actor(request: HttpRequest) -> str:
    """Whoever is logged in, as logs and evidence name them."""
    return request.user.get_username()


def full_name(request: HttpRequest) -> str:
    """The same, as colleagues know them."""
    return getattr(request.user, "get_full_name", str)() or actor(request)
