from django.db import migrations, models

from preferences import history
from preferences.clock import instant
from preferences.rebuilding import rebuild


def hold_what_orders_name(apps, schema_editor):
    """An address that a source gave already was not held by the order that names it, or named it once.

    As the ledger has it, which is read once for that, and only for whom it is now.
    """
    person, change, holding = (
        apps.get_model("preferences", each) for each in ("Profile", "Change", "Holding")
    )
    orders = change.objects.filter(subject_kind="profile", entries__contains='{"do":"order"')
    ordered = person.objects.filter(pk__in=orders.values("subject_id")).values_list("pk", "merged_into_id")
    for pk in {survivor or pk for pk, survivor in ordered}:
        for (identifier, source, by_order), held in rebuild(pk, history.people([pk])).holdings.items():
            if by_order:
                holding.objects.get_or_create(
                    identifier_id=identifier,
                    profile_id=pk,
                    source_id=source,
                    confidential=True,
                    defaults={
                        "since": instant(held.since),
                        "until": None if held.until is None else instant(held.until),
                        "verified_at": None if held.verified_at is None else instant(held.verified_at),
                        "verified_how": held.verified_how,
                        "void": held.void,
                    },
                )


class Migration(migrations.Migration):
    dependencies = [
        ("preferences", "0019_the_missions_categories_in_drafts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="holding",
            name="holding_once_a_source",
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.UniqueConstraint(
                fields=("identifier", "profile", "source", "confidential"), name="holding_once_a_source"
            ),
        ),
        # No way back: of one source there may be two rows from now on, and older code holds nothing by orders.
        migrations.RunPython(hold_what_orders_name),
    ]
