"""Drafts are settled, not thrown away; a publication names its second person."""

from django.db import migrations, models

from preferences import triggers


def install_triggers(apps, schema_editor):
    """A guarded table was remade: SQLite dropped its triggers."""
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("preferences", "0005_void_holdings"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="note",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="draft",
            name="settled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="settled_by",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="draft",
            name="state",
            field=models.CharField(
                choices=[("draft", "Draft"), ("published", "Published"), ("discarded", "Discarded")],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="approved_by",
            field=models.CharField(blank=True, max_length=150, verbose_name="second person"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("kind", "key", "author"),
                name="open_draft_once_an_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "published", "discarded"])),
                name="draft_state_known",
            ),
        ),
        migrations.RunPython(install_triggers, migrations.RunPython.noop),
    ]
