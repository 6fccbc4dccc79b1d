"""A yes that a system takes from the person only: what is still needed is said, and looked for again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Propagation
from destinations.sandbox import MailchimpSandbox, running
from tests.world import connect, into

ANA = "ana@example.org"


@pytest.fixture
def mailchimp(db, settings):
    settings.HEED_PRIVATE_HOSTS = {}
    with running(MailchimpSandbox()) as sandbox:
        world = connect({"mailchimp": sandbox})
        groups = [{"list": "a1", "id": "i1", "name": "S"}]
        world.plant("mailchimp", lists=[{"id": "a1", "name": "A"}], interests=groups)
        yield world


def stands(world, **member):
    world.plant("mailchimp", members=[{"list": "a1", "email": ANA, **member}])


def row():
    return Propagation.objects.get(destination__slug="mailchimp", identifier__kind="email")


def test_whoever_left_an_audience_by_themselves_is_asked_there_and_counts_once_they_confirm(mailchimp):
    long_ago = (timezone.now() - timedelta(days=30)).isoformat()
    stands(mailchimp, status="unsubscribed", own=True, last_changed=long_ago)
    ana = mailchimp.registers(email=ANA).profile_id
    mailchimp.chooses(ana, into("marketing_emails", "email"))
    mailchimp.drain()

    waits = row()
    assert (waits.state, waits.reason) == ("stuck", "to_confirm")
    assert waits.due_at
    assert timedelta(hours=23) < waits.due_at - timezone.now() < timedelta(hours=25)

    stands(mailchimp, status="subscribed")  # they have opened the mail, and pressed its button
    mailchimp.later()
    mailchimp.drain()
    assert row().state == "acknowledged"
