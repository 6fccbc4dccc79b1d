"""A mapper that is published again after a category that it names was retired."""

from destinations.models import Destination
from preferences.services import Choice, in_force, publish
from preferences.terms import RevisionKind, State
from tests.factories import PatientFactory


def test_the_opt_outs_of_a_retired_category_outlast_the_next_mapper(world):
    ana = PatientFactory.create()
    world.chooses(ana.id, Choice("marketing_emails", "email", State.OUT))
    world.quiet()
    category = in_force(RevisionKind.CATEGORY, "marketing_emails")
    assert category
    publish(
        kind=RevisionKind.CATEGORY,
        key="marketing_emails",
        body={**category.body, "retired": True},
        author="ana",
        approved_by="ben",
        reason="No longer sent",
    )
    system = Destination.objects.get(slug="sendgrid")
    stands = in_force(RevisionKind.MAPPER, system.slug)
    assert stands
    rows = [row for row in stands.body["rows"] if "surveys" not in row["target"]]
    publish(
        kind=RevisionKind.MAPPER,
        key=system.slug,
        body={**stands.body, "rows": rows},
        author="ana",
        approved_by="ben",
        reason="Surveys go elsewhere",
    )
    world.quiet()
    assert world.suppressed(ana.email) == {"marketing_emails"}
