"""The routes of the partner API that need to know of systems and events; under /v1/."""

from typing import Any

from destinations.api.batch import NOT_USED, Batch, Ignored
from destinations.api.propagation import Propagations
from destinations.api.tracking import Page, Screen, Track
from preferences.api.urls import both

urlpatterns: list[Any] = [
    *both("batch", Batch.as_view(), "batch"),
    *both("track", Track.as_view(), "track"),
    *both("page", Page.as_view(), "page"),
    *both("screen", Screen.as_view(), "screen"),
    *[each for kind in sorted(NOT_USED) for each in both(kind, Ignored.as_view(), kind)],
    *both("profiles/<str:profile>/propagation", Propagations.as_view(), "propagation"),
]
