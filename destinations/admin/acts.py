"""The buttons of a system's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from destinations.admin import running, sizing
from destinations.connectors import CONNECTORS
from destinations.contract import Reason
from destinations.models import Destination, Propagation
from destinations.probing import probe
from destinations.services import has_answered
from destinations.services.connections import FAILING
from destinations.terms import DestinationState
from preferences.admin.base import StaffAdmin

CHANGE = "destinations.change_destination"


class SystemActs(StaffAdmin):
    """Each asks first, and says what it means for how many."""

    actions_detail: Any = (
        "go_live",
        "pause",
        "mapper",
        "test",
        {"title": "More", "items": ["compare", "shadow", "size", "again", "shrink", "try_now"]},
    )

    def has_go_live_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, DestinationState.SHADOW, DestinationState.PAUSED)

    def has_pause_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, DestinationState.LIVE, DestinationState.SHADOW)

    def has_shadow_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, DestinationState.LIVE, DestinationState.PAUSED)

    def has_again_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, DestinationState.LIVE) and self._tells(object_id)

    def has_compare_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Where what stands there can be read."""
        if not self._may(request, object_id, DestinationState.LIVE, DestinationState.SHADOW):
            return False
        known = CONNECTORS.get(Destination.objects.get(pk=object_id).connector)
        return known is not None and bool(known.reads)

    def has_shrink_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Where a list was held back."""
        if not self._may(request, object_id, DestinationState.LIVE):
            return False
        return Propagation.objects.filter(destination__pk=object_id, reason=Reason.SHRANK).exists()

    def has_size_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Where it is told of preferences, whose number can be counted."""
        return self._may(request, object_id, *DestinationState) and self._tells(object_id)

    def _tells(self, pk: str) -> bool:
        known = CONNECTORS.get(Destination.objects.get(pk=pk).connector)
        return known is None or known.takes_preferences

    def has_act_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._may(request, object_id, *DestinationState)

    def has_try_permission(self, request: HttpRequest, object_id: str) -> bool:
        failing = object_id.isdecimal() and Destination.objects.filter(FAILING, pk=object_id).exists()
        return failing and request.user.has_perm(CHANGE)

    def _may(self, request: HttpRequest, pk: str, *states: DestinationState) -> bool:
        """Only what is in one of these states."""
        return (
            pk.isdecimal()
            and request.user.has_perm(CHANGE)
            and Destination.objects.filter(pk=pk, state__in=states).exists()
        )

    @action(description="Go live", url_path="go-live", icon="play_arrow", permissions=["go_live"])
    def go_live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.GoLive(Destination.objects.get(pk=object_id)))

    @action(description="Pause", url_path="pause", icon="pause", permissions=["pause"])
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.Pause(Destination.objects.get(pk=object_id)))

    @action(description="Rehearse (shadow)", url_path="shadow", icon="theater_comedy", permissions=["shadow"])
    def shadow(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.Rehearse(Destination.objects.get(pk=object_id)))

    @action(description="Tell everyone again", url_path="again", icon="replay", permissions=["again"])
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.TellAgain(Destination.objects.get(pk=object_id)))

    @action(description="Let the list shrink", url_path="shrink", icon="compress", permissions=["shrink"])
    def shrink(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.LetShrink(Destination.objects.get(pk=object_id)))

    @action(description="Compare", url_path="compare", icon="compare_arrows", permissions=["compare"])
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.Compare(Destination.objects.get(pk=object_id)))

    @action(description="Try now", url_path="try-now", icon="bolt", permissions=["try"])
    def try_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.confirmed(request, running.TryNow(Destination.objects.get(pk=object_id)))

    @action(description="Test connection", url_path="test", icon="network_check", permissions=["act"])
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whoever only looks at the page calls nobody. A system that answers is told again at once."""
        system = Destination.objects.get(pk=object_id)
        known = CONNECTORS.get(system.connector)
        context = {"system": system, "sends": known.probe_sends if known else "", "found": ()}
        if request.method == "POST":
            context["found"] = found = probe(system)
            if found[0].ok:
                has_answered(destination=system)
        return self._shown(request, "probe", f"The connection to {system}", context)

    @action(description="What it would be told", url_path="size", icon="straighten", permissions=["size"])
    def size(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Counted a second at a time; the page asks for the next second by itself."""
        system = Destination.objects.get(pk=object_id)
        page = sizing.counted(system, request)
        answer = self._shown(request, "size", f"What {system} would be told", {"page": page})
        if not page.size.done:
            answer.headers["Refresh"] = "0"
        return answer

    def _shown(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        every = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"destinations/admin/{template}.html", {**every, **context})

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """First one sees what going live would mean, where that can be counted."""
        messages.success(request, f"{obj} is connected, and paused: it is told nothing yet.")
        if not self._tells(str(obj.pk)):
            return HttpResponseRedirect(reverse("admin:destinations_destination_change", args=[obj.pk]))
        return HttpResponseRedirect(reverse("admin:destinations_destination_size", args=[obj.pk]))
