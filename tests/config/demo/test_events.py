"""What the demo's hospital lets in, and what staff find there that was dropped."""

import pytest

from config.demo.events import EVENTS, let_in
from destinations.models import Event
from governance.allowed import events
from governance.models import SeenNotAllowed
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db


def test_it_lets_some_events_in_and_has_seen_others():
    let_in(SourceFactory.create())

    assert set(events()) == {str(each["name"]) for each in EVENTS}
    seen = {(row.event, row.property): row.count for row in SeenNotAllowed.objects.all()}
    assert seen == {
        ("bill_paid", ""): 1,
        ("appointment_booked", "insurer"): 2,
        ("appointment_booked", "doctor.name"): 1,
    }
    assert Event.objects.count() == 2
