from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0012_mail_tries"),
    ]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="facts_after",
            field=models.DateTimeField(
                editable=False,
                help_text="Only opt-outs are told until then: its rate limit is nearly used.",
                null=True,
            ),
        ),
    ]
