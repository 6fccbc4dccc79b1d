"""The routes of the partner API that lead to patients' pages; under /v1/."""

from typing import Any

from portal.api.links import Links
from preferences.api.urls import both

urlpatterns: list[Any] = [
    *both("profiles/<str:profile>/links", Links.as_view(), "links"),
]
