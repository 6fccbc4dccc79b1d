import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0013_facts_after"),
        ("preferences", "0011_whose_a_listed_row_is"),
    ]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="confidential_since",
            field=models.DateTimeField(
                editable=False, help_text="When it was last marked for confidential addresses.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("noted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="destinations.destination"
                    ),
                ),
                (
                    "identifier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="preferences.identifier"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(fields=("identifier", "destination"), name="disclosure_once"),
        ),
    ]
