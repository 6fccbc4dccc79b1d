"""Connections that a benchmark makes: the demo's four to the sandboxes, and any number of plain webhooks."""

from collections.abc import Sequence

from django.utils import timezone

from config.demo import connections, systems
from config.demo.people import Patient
from destinations.drain import Drain
from destinations.leases import anybody_calls
from destinations.models import Account, Attempt, Clock, Destination, Propagation
from destinations.services import save_destination
from destinations.tasks import something_is_due
from destinations.terms import DestinationState, Purpose
from preferences.models import Outbox
from tests.benchmarks.scene import Scene

NO_LIMIT = 1_000_000  # calls a second
FOUR = ("sendgrid", "salesforce", "fhir", "webhook")


def connect_the_four(scene: Scene, patients: Sequence[Patient]) -> None:
    """The sandboxes hold these people before Heed comes, as in the demo."""
    sandboxes = {slug: scene.urls[slug] for slug in FOUR}
    systems.furnish(sandboxes, patients)
    connections.point_to(sandboxes, {"webhook": scene.environment["HEED_SANDBOX_WEBHOOK_SECRET"]})
    # Hours of changes in minutes would use up an hour's share of Salesforce's calls a day, and then wait.
    Account.objects.filter(destination__slug="salesforce").update(calls=NO_LIMIT, seconds=1, tokens=NO_LIMIT)


def webhook(scene: Scene, slug: str, url: str, state: str = DestinationState.LIVE) -> Destination:
    """One more endpoint that is told everything."""
    return save_destination(
        slug=slug,
        connector="webhook",
        name=slug,
        public_label=slug,
        purpose=Purpose.OTHER,
        state=state,
        settings={"base_url": url},
        secrets={"secret": scene.environment["HEED_SANDBOX_WEBHOOK_SECRET"]},
        agreement="a benchmark: invented people only",
        author="benchmark",
    )


def disconnect_all() -> None:
    """No system is connected any more, and nothing is kept of what any was told."""
    for model in (Clock, Attempt, Propagation, Destination):
        model.objects.all().delete()


def in_sync() -> None:
    """Tell everyone everything, so that what is measured later is what changes later."""
    while Outbox.objects.exists() or something_is_due() or anybody_calls(timezone.now()):
        Drain(linger=0.1).run()
    live = Destination.objects.filter(state=DestinationState.LIVE)
    failed = Propagation.objects.filter(destination__in=live, acknowledged=0)
    assert not failed.exists(), list(failed.values_list("destination__slug", "state", "reason", "detail")[:3])
