"""What came and was dropped, by name: one click allows it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from governance import allowed
from governance.allowed import AllowedEvent
from governance.models import SeenNotAllowed
from governance.services import allow_seen
from governance.terms import EventClass, PropertyClass
from preferences.admin.base import ReadOnlyAdmin, refusal
from preferences.errors import Refused

OTHERS = "Others: what does not look like a name, and what came when there were too many"


@admin.register(SeenNotAllowed)
class SeenNotAllowedAdmin(ReadOnlyAdmin):
    """Names and counts; no value was ever kept."""

    intro = (
        "What partners sent and Heed dropped, because nobody has allowed it: events, and properties of "
        "events that are allowed. Allow what you expect, as what it is: plain, an identifier (it tells who "
        "or where somebody is), or health. It holds from the next event on; what was dropped is gone."
    )
    empty = "Nothing was dropped: all that partners sent is allowed, or they have sent no event yet."
    list_display = ("what", "of", "count", "first_seen", "last_seen", "allow")
    list_display_links = None
    ordering = ("-last_seen",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("governance.view_allowance")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        one = path(
            "<int:pk>/allow/<str:kind>/",
            self.admin_site.admin_view(self.allowed),
            name="governance_seennotallowed_allow",
        )
        return [one, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Buttons for whoever may press them."""
        shown = tuple(super().get_list_display(request))
        return shown if self._may(request) else shown[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeenNotAllowed]:
        """What was allowed meanwhile is no longer of interest, nor are properties of what may not come in."""
        listed = allowed.events()
        rows: QuerySet[SeenNotAllowed] = super().get_queryset(request)
        seen = rows.values_list("pk", "event", "property")  # never many more than seeing.MOST
        return rows.filter(pk__in=[pk for pk, event, path in seen if _is_dropped(event, path, listed)])

    def allowed(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Publish it, and say so."""
        if not self._may(request):
            raise PermissionDenied
        seen = SeenNotAllowed.objects.filter(pk=pk).first()
        back = HttpResponseRedirect(reverse("admin:governance_seennotallowed_changelist"))
        if kind not in PropertyClass.values or request.method != "POST":
            raise Http404
        if seen is None:
            messages.info(request, "It is allowed already, or was not seen.")
            return back
        try:
            revision = allow_seen(seen=seen, kind=PropertyClass(kind), by=request.user.get_username())
        except Refused as refused:
            messages.error(request, refusal(refused))
            return back
        messages.success(request, f"{_said(seen, kind)} {_next(seen, revision.number)}")
        return back

    def _may(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("governance.change_allowance"))

    @display(description="What came", ordering="property")
    def what(self, seen: SeenNotAllowed) -> str:
        return seen.property or seen.event or OTHERS

    @display(description="In", ordering="event")
    def of(self, seen: SeenNotAllowed) -> str:
        if seen.property:
            return seen.event
        return "An event" if seen.event else ""

    @display(description="Allow it as")
    def allow(self, seen: SeenNotAllowed) -> SafeString | str:
        kinds = PropertyClass.choices if seen.property else EventClass.choices
        context = {"seen": seen, "kinds": kinds}
        return render_to_string("governance/admin/allow.html", context) if seen.event else ""


def _is_dropped(event: str, path: str, listed: Mapping[str, AllowedEvent]) -> bool:
    """Would it be dropped now, were it sent again?"""
    if not path:
        return event not in listed
    return event in listed and path not in listed[event].properties


def _said(seen: SeenNotAllowed, kind: str) -> str:
    what = f"{seen.property} in {seen.event}" if seen.property else seen.event
    return f"{what} may come in from now on, as {PropertyClass(kind).label.lower()}."


def _next(seen: SeenNotAllowed, number: int) -> str:
    """What is left to do for an event that stands for the first time."""
    if seen.property or number > 1:
        return ""
    return "Say under Allowed events what happens in it, and which categories it belongs to."
