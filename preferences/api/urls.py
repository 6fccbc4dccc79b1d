"""The routes of the partner API that are about people and what they want; under /v1/."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from preferences.api.categories import Categories
from preferences.api.changes import Changes
from preferences.api.decisions import Decisions
from preferences.api.identify import Identify
from preferences.api.people import Search
from preferences.api.preferences import Preferences
from preferences.api.restrictions import Restriction, Restrictions
from preferences.api.suppressions import Suppressions


def both(route: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    """With and without a slash at the end: a redirect would lose the body of a POST."""
    return [path(route, view, name=name), path(f"{route}/", view)]


urlpatterns: list[Any] = [
    *both("identify", Identify.as_view(), "identify"),
    *both("decisions", Decisions.as_view(), "decisions"),
    *both("profiles/search", Search.as_view(), "search"),
    *both("profiles/<str:profile>/preferences", Preferences.as_view(), "preferences"),
    *both("profiles/<str:profile>/changes", Changes.as_view(), "changes"),
    *both("restrictions", Restrictions.as_view(), "restrictions"),
    *both("restrictions/<str:restriction>", Restriction.as_view(), "restriction"),
    *both("suppressions", Suppressions.as_view(), "suppressions"),
    *both("categories", Categories.as_view(), "categories"),
]
