"""Letting a system go on, and pausing it: asked first, with what it means for how much."""

from django.http import HttpRequest
from django.urls import reverse

from destinations.health import Health, health
from destinations.models import Destination
from destinations.services import set_state
from destinations.terms import DestinationState
from preferences.admin.base import Confirm


def changes(count: int) -> str:
    """`1 change`, `2,000 changes`."""
    return f"{count:,} change{'s'[: count != 1]}"


class SetState(Confirm):
    """Pause a system, or let it go on."""

    state: DestinationState

    def __init__(self, system: Destination) -> None:
        self.system = system
        back = reverse("admin:destinations_destination_change", args=[system.pk])
        stands = health([system.pk]).get(system.pk, Health())
        super().__init__(title="", words=self.what_follows(stands), button="", back=back)
        self.name_it()

    def what_follows(self, stands: Health) -> list[str]:
        raise NotImplementedError

    def name_it(self) -> None:
        raise NotImplementedError

    def act(self, request: HttpRequest) -> str:
        set_state(destination=self.system, state=self.state)
        return f"{self.system} is {self.state.label.lower()}."


class Pause(SetState):
    """Nothing more is sent; what comes waits."""

    state = DestinationState.PAUSED

    def name_it(self) -> None:
        self.title, self.button, self.danger = f"Pause {self.system}?", f"Pause {self.system}", True

    def what_follows(self, stands: Health) -> list[str]:
        now = f"{changes(stands.untold).capitalize()} already wait{'s'[: stands.untold == 1]}, and more will."
        return [
            f"{self.system} is told nothing more until somebody lets it go on.",
            f"{now} Nothing is lost.",
            "Opt-outs wait too, and their deadlines run on: people who said no may still be contacted.",
        ]


class GoLive(SetState):
    """What has waited is sent."""

    state = DestinationState.LIVE

    def name_it(self) -> None:
        self.title, self.button = f"Let {self.system} go live?", f"Go live with {self.system}"

    def what_follows(self, stands: Health) -> list[str]:
        waits = stands.untold
        sent = (
            f"{changes(waits).capitalize()} wait{'s'[: waits == 1]} and will be sent at once, opt-outs first."
        )
        return [sent if waits else "Nothing waits: it is told from the next change on."]
