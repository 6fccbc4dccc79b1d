"""The addresses of the patients' pages."""

from django.urls import path

from portal.banner import views as banner
from portal.views import (
    addresses,
    coming_in,
    history,
    leave,
    links,
    look,
    looking_after,
    only,
    page,
    pause,
    saved,
    signal,
    step_up,
    undo,
    unsubscribe,
)

app_name = "portal"

urlpatterns = [
    path("", coming_in.home, name="home"),
    path("code", coming_in.code, name="code"),
    path("whose", coming_in.whose, name="whose"),
    path("look/<str:digest>.css", look.colours, name="colours"),
    path("look/<str:digest>/logo", look.logo, name="logo"),
    path("p", page.preferences, name="page"),
    path("p/pause", pause.pause, name="pause"),
    path("p/undo", undo.undo, name="undo"),
    path("p/confirm", page.confirm, name="confirm"),
    path("p/for", looking_after.turn, name="turn"),
    path("p/addresses", addresses.addresses, name="addresses"),
    path("p/addresses/code", addresses.prove, name="prove"),
    path("p/only", only.only, name="only"),
    path("p/code", step_up.step_up, name="step_up"),
    path("p/saved", saved.saved, name="saved"),
    path("p/history", history.history, name="history"),
    path("p/receipt", history.receipt, name="receipt"),
    path("p/receipt.json", history.receipt_file, name="receipt_file"),
    path("p/status", saved.status, name="status"),
    path("p/leave", leave.leave, name="leave"),
    path("banner.js", banner.script, name="banner_script"),
    path("banner/config/<str:key_id>.json", banner.config, name="banner_config"),
    path("banner/choices", banner.choices, name="banner_choices"),
    path(".well-known/gpc.json", signal.support, name="gpc"),
    path("p/<str:token>", links.open_link, name="link"),
    path("p/<str:token>/", links.open_link),
    path("u/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/", unsubscribe.unsubscribe),
]
