"""`manage.py propagate`: the foreground."""

from io import StringIO

import pytest
from django.core.management import call_command

from destinations.management.commands import propagate
from destinations.models import Destination, Propagation
from preferences.models import Outbox
from tests.world import World, out


def run(**options) -> tuple[str, str]:
    said, progress = StringIO(), StringIO()
    call_command("propagate", stdout=said, stderr=progress, **options)
    return said.getvalue().strip(), progress.getvalue()


@pytest.fixture
def crowd(world: World) -> World:
    for number in range(12):
        person = world.registers(mrn=f"RH{number}", email=f"p{number}@example.org").profile_id
        assert person
        world.chooses(person, out("marketing_emails", "email"))
    return world


def test_it_tells_everyone_until_nothing_is_due(crowd):
    said, _ = run()

    assert said.endswith("told. Nothing is left.")
    assert crowd.suppressed("p11@example.org") == {"marketing_emails"}
    assert not Outbox.objects.exists()


def test_it_says_how_far_it_is(crowd, monkeypatch):
    monkeypatch.setattr(propagate, "PAUSE", 0.0)

    assert " told, " in run()[1]
    assert run(verbosity=0)[1] == ""


def test_what_can_t_be_told_now_is_said(crowd):
    Destination.objects.filter(slug="webhook").update(state="paused")
    crowd.faults("sendgrid", status=503, retry_after=3_600)
    Propagation.objects.filter(destination__slug="fhir").delete()
    said, _ = run()

    assert "will be tried again, the first at" in said
    assert "12 wait for systems that are paused" in said
