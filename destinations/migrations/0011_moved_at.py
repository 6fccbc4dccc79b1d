from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0010_inbound"),
    ]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="moved_at",
            field=models.DateTimeField(
                editable=False,
                help_text="What was learnt of targets before then was learnt elsewhere.",
                null=True,
            ),
        ),
    ]
