"""Facts that verdicts point to, and the policy from the start."""

from datetime import UTC, datetime
from hashlib import sha256

import rfc8785
from django.db import migrations, models

from governance.mission import BODY

FROM_THE_START = datetime(2026, 1, 1, tzinfo=UTC)


def seed(apps, schema_editor):
    """Publish policy 1, unless somebody has published one."""
    revisions = apps.get_model("preferences", "Revision").objects.using(schema_editor.connection.alias)
    revisions.get_or_create(
        kind="policy",
        key="policy",
        number=1,
        defaults={
            "author": "Heed",
            "reason": "Here from the start",
            "published_at": FROM_THE_START,
            "body": BODY,
            "digest": sha256(rfc8785.dumps(BODY)).digest(),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_seen_not_allowed"), ("preferences", "0014_events_are_allowed")]
    operations = [
        migrations.CreateModel(
            name="FactsKept",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("body", models.JSONField()),
            ],
            options={
                "verbose_name": "facts of verdicts",
                "verbose_name_plural": "facts of verdicts",
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[],
            options={
                "verbose_name_plural": "policy",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("preferences.revision",),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
