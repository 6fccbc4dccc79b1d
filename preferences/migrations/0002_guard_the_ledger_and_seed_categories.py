"""The ledger's triggers, the mission's categories, and the sources that Heed itself is."""

from datetime import UTC, datetime
from hashlib import sha256

import rfc8785
from django.db import migrations

from preferences import triggers
from preferences.mission import MISSION

FROM_THE_START = datetime(2026, 1, 1, tzinfo=UTC)  # answers as of any day since can be given
OWN_SOURCES = [
    ("preference_page", "Preference page", "preference_page", True),
    ("staff", "Staff", "staff", False),
]


def seed(apps, schema_editor):
    """Publish revision 1 of every category of the mission."""
    revisions = apps.get_model("preferences", "Revision").objects.using(schema_editor.connection.alias)
    for body in MISSION:
        revisions.create(
            kind="category",
            key=body["slug"],
            number=1,
            author="Heed",
            reason="Here from the start",
            published_at=FROM_THE_START,
            body=body,
            digest=sha256(rfc8785.dumps(body)).digest(),
        )
    sources = apps.get_model("preferences", "Source").objects.using(schema_editor.connection.alias)
    for slug, name, kind, speaks in OWN_SOURCES:
        sources.create(slug=slug, name=name, kind=kind, speaks_for_person=speaks)


def install_triggers(apps, schema_editor):
    """After every change to a guarded table: SQLite's remake of a table drops its triggers."""
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("preferences", "0001_people_and_ledger")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(install_triggers, migrations.RunPython.noop),
    ]
