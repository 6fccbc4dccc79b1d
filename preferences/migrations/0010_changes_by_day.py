"""Staff count what was recorded today; the ledger's guards are put back, as after every change to its table."""

from django.db import migrations, models

from preferences import triggers


def install_triggers(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("preferences", "0009_permissions_of_the_desk"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["recorded_at"], name="change_recorded"),
        ),
        migrations.RunPython(install_triggers, migrations.RunPython.noop),
    ]
