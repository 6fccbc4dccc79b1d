"""What patients call a system, in any language: the Spanish moves over, and back."""

from django.db import migrations, models


def gather(apps, schema_editor):
    systems = apps.get_model("destinations", "Destination").objects
    for system in systems.exclude(public_label_es=""):
        system.public_labels = {"es": system.public_label_es}
        system.save(update_fields=["public_labels"])


def take_apart(apps, schema_editor):
    for system in apps.get_model("destinations", "Destination").objects.all():
        system.public_label_es = system.public_labels.get("es", "")
        system.save(update_fields=["public_label_es"])


class Migration(migrations.Migration):
    dependencies = [("destinations", "0027_what_could_not_be_taken_over")]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="public_labels",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="By language; who reads one that is not there sees the English label.",
                verbose_name="public label in other languages",
            ),
        ),
        migrations.RunPython(gather, take_apart),
        migrations.RemoveField(model_name="destination", name="public_label_es"),
    ]
