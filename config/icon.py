"""Browsers ask for /favicon.ico whatever a page says."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@cache
def _drawing() -> bytes:
    path = settings.BASE_DIR / "static" / "heed" / "icon.svg"
    return bytes(path.read_bytes())


@cache_control(public=True, max_age=86_400)
@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Heed's icon."""
    return HttpResponse(_drawing(), content_type="image/svg+xml")
