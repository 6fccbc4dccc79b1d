from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0011_moved_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="mail_tries",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="tries to mail"),
        ),
    ]
