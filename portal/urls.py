"""The addresses of the patients' pages."""

from django.urls import path

from portal.views import links, page, saved, signal, unsubscribe

app_name = "portal"

urlpatterns = [
    path("", links.home, name="home"),
    path("p", page.preferences, name="page"),
    path("p/confirm", page.confirm, name="confirm"),
    path("p/saved", saved.saved, name="saved"),
    path("p/status", saved.status, name="status"),
    path(".well-known/gpc.json", signal.support, name="gpc"),
    path("p/<str:token>", links.open_link, name="link"),
    path("p/<str:token>/", links.open_link),
    path("u/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/", unsubscribe.unsubscribe),
]
