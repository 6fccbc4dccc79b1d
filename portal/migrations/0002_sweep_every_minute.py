"""What codes and visits leave behind is looked at once a minute, for ever."""

from django.db import migrations


def schedule(apps, schema_editor):
    """Harmless where it stands."""
    apps.get_model("django_q", "Schedule").objects.using(schema_editor.connection.alias).update_or_create(
        name="portal sweep",
        defaults={"func": "portal.tasks.sweep", "schedule_type": "I", "minutes": 1, "repeats": -1},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_codes"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
