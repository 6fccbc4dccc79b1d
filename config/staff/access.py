"""Who may see what on staff's pages, and how a page is shown."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from config.staff import rights

View = Callable[..., HttpResponse]


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
            return show(
                request, "refused", title="Not for your account", page=rights.in_words(permission), status=403
            )

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
