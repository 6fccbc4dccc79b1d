"""Every address that Heed answers."""

from django.contrib import admin
from django.urls import include, path

from config import health, openapi
from config.icon import icon
from destinations.views import public_keys
from destinations.webhooks.views import inbound

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("favicon.ico", icon, name="favicon"),
    path("v1/openapi.json", openapi.openapi, name="openapi"),
    path("v1/docs", openapi.docs, name="api_docs"),
    path("v1/docs/", openapi.docs),
    path("v1/", include("preferences.api.urls")),
    path("v1/", include("destinations.api.urls")),
    path("v1/", include("portal.api.urls")),
    path("inbound/<slug:source>", inbound, name="inbound"),
    path("inbound/<slug:source>/", inbound),
    path("systems/<slug:system>/jwks.json", public_keys, name="public_keys"),
    path("", include("portal.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
