"""Comparing Mailchimp and HubSpot with what Heed says."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from destinations.models import Destination
from destinations.sandbox import HubSpotSandbox, MailchimpSandbox, running
from destinations.services.reconciling import begin, look_on
from preferences.services import Choice
from preferences.terms import State
from tests.factories import PatientFactory
from tests.world import World, connect

NO = Choice("marketing_emails", "email", State.OUT)


@pytest.fixture
def both(db: None, settings: Any) -> Iterator[World]:
    settings.HEED_PRIVATE_HOSTS = {}
    with ExitStack() as stack:
        made = (MailchimpSandbox(), HubSpotSandbox())
        world = connect({each.slug: stack.enter_context(running(each)) for each in made})
        world.plant(
            "mailchimp",
            lists=[{"id": "a1", "name": "A"}],
            interests=[{"id": "i1", "list": "a1", "name": "S"}],
        )
        world.plant("hubspot", types=[{"id": 11, "name": "Newsletter"}, {"id": 12, "name": "Feedback"}])
        yield world


def stands(world: World, email: str, *, out: bool) -> None:
    """What was changed at both by somebody else."""
    member = {"list": "a1", "email": email, "interests": {"i1": True}}
    world.plant("mailchimp", members=[{**member, "status": "unsubscribed" if out else "subscribed"}])
    status = {"email": email, "type": 11, "status": "UNSUBSCRIBED" if out else "SUBSCRIBED"}
    world.plant("hubspot", statuses=[status])


def differing(slug: str) -> list[tuple[str, str]]:
    found = begin(destination=Destination.objects.get(slug=slug), by="ana")
    while not look_on(reconciliation=found):
        pass
    assert found.unread == 0
    return list(found.found.order_by("id").values_list("target", "side"))


@pytest.mark.parametrize("out", [True, False])
def test_what_stands_otherwise_there_is_found_and_nothing_is_written(both, out):
    people = PatientFactory.create_batch(3)
    contacts = [{"id": str(n), "email": each.email} for n, each in enumerate(people, 1)]
    both.plant("hubspot", contacts=contacts)
    for each in people:
        stands(both, each.email, out=False)
        if not out:
            both.chooses(each.id, NO)
    both.quiet()
    assert differing("mailchimp") == differing("hubspot") == []

    for each in people:
        stands(both, each.email, out=out)
    before = [sandbox.calls for sandbox in both.sandboxes.values()]
    side = "only_there" if out else "missing_there"
    assert differing("mailchimp") == [("status", side)] * 3
    assert differing("hubspot") == [("subscriptions.marketing_emails", side)] * 3
    assert [sandbox.calls for sandbox in both.sandboxes.values()] == before
