"""The mission's categories in Spanish, where an installation has them in English only."""

from hashlib import sha256

import rfc8785
from django.db import migrations

from preferences.mission import MISSION


def translate(apps, schema_editor):
    """Publish the next revision of each category that still says exactly what it said from the start.

    Where staff wrote words of their own, ours would not be a translation of them.
    """
    revisions = apps.get_model("preferences", "Revision").objects.using(schema_editor.connection.alias)
    for ours in MISSION:
        stands = revisions.filter(kind="category", key=ours["slug"]).order_by("-number").first()
        if stands is None or stands.body["texts"] != {"en": ours["texts"]["en"]}:
            continue
        body = {**stands.body, "texts": ours["texts"]}
        revisions.create(
            kind="category",
            key=ours["slug"],
            number=stands.number + 1,
            author="Heed",
            reason="In Spanish too",
            body=body,
            digest=sha256(rfc8785.dumps(body)).digest(),
        )


class Migration(migrations.Migration):
    dependencies = [("preferences", "0003_drafts_proxies_and_causes")]
    operations = [migrations.RunPython(translate, migrations.RunPython.noop)]
