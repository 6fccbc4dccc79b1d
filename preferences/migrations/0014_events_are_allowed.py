"""Which events may come in is published, too."""

from django.db import migrations, models

from preferences import triggers


def install_triggers(apps, schema_editor):
    """A guarded table was remade: SQLite dropped its triggers."""
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("preferences", "0013_whose_order"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="revision",
            name="revision_kind_known",
        ),
        migrations.AlterField(
            model_name="draft",
            name="kind",
            field=models.CharField(
                choices=[
                    ("category", "Category"),
                    ("notice", "Notice"),
                    ("mapper", "Mapper"),
                    ("policy", "Policy"),
                    ("banner", "Banner"),
                    ("event", "Allowed event"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("category", "Category"),
                    ("notice", "Notice"),
                    ("mapper", "Mapper"),
                    ("policy", "Policy"),
                    ("banner", "Banner"),
                    ("event", "Allowed event"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["category", "notice", "mapper", "policy", "banner", "event"])
                ),
                name="revision_kind_known",
            ),
        ),
        migrations.RunPython(install_triggers, migrations.RunPython.noop),
    ]
