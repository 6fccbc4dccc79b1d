"""The staff site: Django's admin in unfold's dress, with the same four places whatever the role."""

from functools import partial, wraps
from typing import Any, cast

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from config.staff import alarms, rights
from config.staff.access import View, may, show
from config.staff.home import home
from config.staff.permissions import SEE_SYSTEMS
from config.staff.places import PEOPLE, PLACES, SYSTEMS, Place
from config.staff.signing_in import SignIn
from config.staff.urls import PAGES
from preferences.services import Overtaken, set_aside

# unfold's menus are written for Alpine.js, which evaluates attributes, and its colours stand in a <style>.
# Patients' pages keep the strict policy.
UNFOLD_NEEDS = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

USED, A_MINUTE = "staff.used", 60  # when the session was last lengthened; seconds
ABOUT_ONESELF = {"logout", "password_change", "password_change_done"}


class HeedAdminSite(UnfoldAdminSite):
    """Heed for staff: People, Systems, Rules, Settings."""

    site_url = "/"
    index_title = "Heed"
    index_template = "staff/home.html"
    login_form = SignIn

    def extra_urls(self) -> list[URLPattern]:
        """The composed pages, and the places that have none of their own."""
        composed = [path(page.route, self.admin_view(page.view), name=page.name) for page in PAGES]
        return composed + [self._page(place) for place in PLACES if place != PEOPLE]

    def _page(self, place: Place) -> URLPattern:
        return path(f"{place.slug}/", self.admin_view(partial(self.place, place=place)), name=place.slug)

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The four places, with the one we are in marked."""
        return [{"title": "", "items": [_entry(place, request) for place in PLACES]}]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Home: figures that lead to their rows, and how every system is."""
        page = home(request.user)
        found: TemplateResponse = super().index(request, {"page": page, **(extra_context or {})})
        return found

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Rooms of the code are no places of the site: whoever gets there starts at home."""
        return redirect(f"{self.name}:index")

    def place(self, request: HttpRequest, place: Place) -> TemplateResponse:
        """One of the four places."""
        rooms = place.open_to(request.user)
        context = {**self.each_context(request), "title": place.title, "place": place, "rooms": rooms}
        told = place == SYSTEMS and may(request, SEE_SYSTEMS)
        context["alarms"] = alarms.lines() if told else ()
        return TemplateResponse(request, "staff/place.html", context)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Every staff page, under the policy that unfold needs, and without a way out of the site."""
        inner = _staying(_for_some_work(_choosing(view)))
        return _as_unfold_needs(_within(super().admin_view(inner, cacheable)))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The way in, under the same policy."""
        return _as_unfold_needs(super().login)(request, extra_context)


def _as_unfold_needs(view: View) -> View:
    return cast(View, csp_update(UNFOLD_NEEDS)(view))


def _staying(view: View) -> View:
    """Whoever is at work stays signed in: some fifteen idle minutes end it (SESSION_COOKIE_AGE).

    What a page fetches by itself is nobody's work. Browsers from before Sec-Fetch-Mode say nothing.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
            _stay(request)
        return view(request, *args, **kwargs)

    return answered


def _stay(request: HttpRequest) -> None:
    """Written once a minute, not with every page."""
    now = timezone.now()
    since = getattr(request.user, "last_login", None) or now
    used = request.session.get(USED, since.timestamp())
    if now.timestamp() - used >= A_MINUTE:
        request.session[USED] = now.timestamp()


def _for_some_work(view: View) -> View:
    """Whoever has no right yet is told whom to ask, on every page, and learns nothing of anybody."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if rights.has_any(request.user) or _about_oneself(request):
            return view(request, *args, **kwargs)
        return show(request, "no_rights", title="Your account has no role yet", status=403)

    return answered


def _choosing(view: View) -> View:
    """Whoever saves over a draft that they were not shown sees both, and chooses: whatever the editor."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Overtaken as overtaken:
            return redirect("admin:preferences_draft_change", set_aside(overtaken=overtaken).pk)

    return answered


def _about_oneself(request: HttpRequest) -> bool:
    found = request.resolver_match
    return found is not None and found.url_name in ABOUT_ONESELF


def _within(view: View) -> View:
    """What is closed to somebody, or not there, is told on a page of the staff site."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            page = "open this page, or do this"
            return show(request, "refused", title="Not for your account", page=page, status=403)
        except Http404:
            return show(request, "missing", title="Not found", status=404)

    return answered


def _entry(place: Place, request: HttpRequest) -> dict[str, Any]:
    link = _link(place)
    return {
        "title": place.title,
        "icon": place.icon,
        "link": link,
        "active": request.path.startswith((link, reverse(place.url_name), *_rooms(place))),
        "has_permission": True,
    }


def _rooms(place: Place) -> list[str]:
    return [reverse(room.url_name) for room in place.rooms]


def _link(place: Place) -> str:
    return reverse(place.url_name)
