"""How patients' pages look, and in which languages they speak, is published, too."""

from django.db import migrations, models

from preferences import triggers

KINDS = [
    ("category", "Category"),
    ("notice", "Notice"),
    ("mapper", "Mapper"),
    ("policy", "Policy"),
    ("banner", "Banner"),
    ("event", "Allowed event"),
    ("appearance", "Look and languages"),
]


def install_triggers(apps, schema_editor):
    """A guarded table was remade: SQLite dropped its triggers."""
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("preferences", "0015_the_ledger_by_its_name")]

    operations = [
        migrations.CreateModel(
            name="Appearance",
            fields=[],
            options={
                "verbose_name": "look and languages",
                "verbose_name_plural": "look and languages",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("preferences.revision",),
        ),
        migrations.RemoveConstraint(model_name="revision", name="revision_kind_known"),
        migrations.AlterField(
            model_name="draft",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20),
        ),
        migrations.AlterField(
            model_name="revision",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="revision_kind_known"
            ),
        ),
        migrations.RunPython(install_triggers, migrations.RunPython.noop),
    ]
