from django.db import migrations, models


def hold_what_orders_name(apps, schema_editor):
    """An address that a source gave already was not held by the order that names it as well."""
    person, change, holding = (
        apps.get_model("preferences", each) for each in ("Profile", "Change", "Holding")
    )
    ordered = person.objects.filter(order__isnull=False, merged_into__isnull=True)
    for pk, order in ordered.values_list("pk", "order"):
        by = change.objects.get(pk=order["change"])
        for address in {address for _, address in order["allowed"] if address}:
            held = {
                "identifier_id": address,
                "profile_id": pk,
                "source_id": by.source_id,
                "confidential": True,
            }
            holding.objects.get_or_create(**held, defaults={"since": by.recorded_at})


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
