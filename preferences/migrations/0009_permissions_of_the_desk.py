"""What staff may do at the desk beyond recording: each a permission of its own."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("preferences", "0008_two_orders")]

    operations: ClassVar = [
        migrations.AlterModelOptions(
            name="profile",
            options={
                "permissions": (
                    ("void_change", "Can void and move what was recorded in error"),
                    ("merge_profile", "Can merge people, and part them again"),
                    ("set_order", "Can set and end confidential-communications orders"),
                    ("set_deceased", "Can report a death, and correct a report"),
                    ("lift_restriction", "Can lift restrictions of addresses"),
                ),
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
    ]
