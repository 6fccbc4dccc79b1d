"""The mission's categories in the languages that come as drafts, where an installation lacks them."""

from hashlib import sha256

import rfc8785
from django.db import migrations

from preferences.mission import MISSION
from preferences.mission_drafts import DRAFTS


def add_drafts(apps, schema_editor):
    """Publish the next revision of each category whose English is still ours, with the drafts that are missing.

    Where staff wrote words of their own, ours are no translation of them; what they wrote in another language
    stays. A language that patients are offered already gets no draft that nobody has read (45 CFR 92.201(c)(3)).
    """
    revisions = apps.get_model("preferences", "Revision").objects.using(schema_editor.connection.alias)
    unread = [each for each in DRAFTS if not _is_offered(revisions, each)]
    for ours in MISSION:
        stands = revisions.filter(kind="category", key=ours["slug"]).order_by("-number").first()
        if stands is None or stands.body["texts"]["en"] != ours["texts"]["en"]:
            continue
        texts = {each: ours["texts"][each] for each in unread} | stands.body["texts"]
        if texts == stands.body["texts"]:
            continue
        body = {**stands.body, "texts": texts}
        revisions.create(
            kind="category",
            key=ours["slug"],
            number=stands.number + 1,
            author="Heed",
            reason="Drafts in more languages",
            body=body,
            digest=sha256(rfc8785.dumps(body)).digest(),
        )


def _is_offered(revisions, language):
    review = revisions.filter(kind="appearance", key=f"language.{language}").order_by("-number").first()
    return review is not None and review.body["reviewed"]


class Migration(migrations.Migration):
    dependencies = [("preferences", "0018_disowned")]
    operations = [migrations.RunPython(add_drafts, migrations.RunPython.noop)]
