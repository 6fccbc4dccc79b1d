"""GET /systems/{slug}/jwks.json: the public keys by which a system knows Heed (RFC 7517)."""

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from destinations import credentials
from destinations.connectors import CONNECTORS
from destinations.models import Destination
from destinations.sending import settings_for


@require_safe
@cache_control(public=True, max_age=300)
def public_keys(request: HttpRequest, system: str) -> JsonResponse:
    """What its administrator registers, as text or by this address; a new key shows here at once."""
    found = Destination.objects.filter(slug=system).first()
    connector = CONNECTORS.get(found.connector) if found else None
    if found is None or connector is None:
        raise Http404
    try:
        keys = connector.public_keys(settings_for(found, connector))
    except credentials.Unreadable as lost:
        raise Http404 from lost
    if not keys:
        raise Http404
    return JsonResponse({"keys": list(keys)})
