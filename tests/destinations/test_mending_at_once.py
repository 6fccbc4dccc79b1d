"""Two workers take over a system's opt-outs at once while people choose: nobody waits in a ring."""

import pytest
from django.utils import timezone

from destinations.models import Destination, Discrepancy, Reconciliation
from destinations.services import save_destination
from destinations.services.mending import adopt, mend_on
from destinations.terms import Side
from preferences import identity, selectors
from preferences.models import Change
from tests.factories import PatientFactory
from tests.preferences.saying import chooses, out
from tests.preferences.test_races import at_once, on_postgres
from tests.world import named

pytestmark = [pytest.mark.django_db(transaction=True), on_postgres]
TARGET = "groups.marketing_emails"


def found(people):
    save_destination(
        connector="sendgrid",
        slug="sendgrid",
        name="SendGrid",
        public_label="our newsletter",
        purpose="marketing",
        state="paused",
        settings={"groups": {"marketing_emails": 101}},
        secrets={"api_key": "SG.test"},
        agreement="a sandbox",
        author="tests",
    )
    looked = Reconciliation.objects.create(
        destination=Destination.objects.get(), asked_by="ana", finished_at=timezone.now()
    )
    for each in people:
        [pk] = identity.find([named("email", each.email, "")]).values()
        Discrepancy.objects.create(
            reconciliation=looked, identifier_id=pk, target=TARGET, side=Side.ONLY_THERE
        )
    return looked


def test_each_no_counts_once(transactional_db):
    people = PatientFactory.create_batch(12)
    looked = found(people)
    adopt(reconciliation=looked, by="ana")
    before = Change.objects.count()

    at_once(
        lambda: mend_on(60, Reconciliation.objects.get()),
        lambda: mend_on(60, Reconciliation.objects.get()),
        lambda: [chooses(each.id, out("patient_surveys", "email")) for each in people],
        lambda: [chooses(each.id, out("care_follow_ups", "email")) for each in reversed(people)],
    )

    assert Change.objects.count() == before + 3 * len(people)
    assert Discrepancy.objects.filter(mended="adopted").count() == len(people)
    assert not any(selectors.decide(each.id, "marketing_emails", "email").allowed for each in people)
