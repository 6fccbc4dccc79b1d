"""What people do with a page, and systems to be told of it."""

from typing import Any
from uuid import UUID

from destinations.models import Destination, Propagation
from preferences.models import Outbox
from tests.portal.codes import arrived

SAVE, STOP = "Save my choices", "Stop everything you don’t need to send me"


def choose(tab: Any, group: str, answer: str) -> None:
    tab.get_by_role("group", name=group).get_by_label(answer).check()


def press(tab: Any, name: str) -> None:
    tab.get_by_role("button", name=name).click()


def systems(joan: UUID) -> list[Propagation]:
    """Three systems that were told of all that was before."""
    labels = ["Our call center", "Our email service", "Our patient records"]
    rows = []
    for number, label in enumerate(labels):
        destination = Destination.objects.create(
            slug=f"s{number}", name=label, public_label=label, connector="webhook", state="live"
        )
        rows.append(
            Propagation.objects.create(
                destination=destination, identifier_id=joan, acknowledged=1, state="acknowledged"
            )
        )
    Outbox.objects.all().delete()
    return rows


def enter_code(tab: Any) -> None:
    """Have a code sent to the first address on offer, and enter what came."""
    press(tab, "Send the code")
    tab.get_by_label("6-digit code").fill(arrived())
    press(tab, "Continue")
