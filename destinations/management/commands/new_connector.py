"""`manage.py new_connector NAME`: the files of a connector to start from, with tests that pass."""

import re
from argparse import ArgumentParser
from pathlib import Path
from string import Template
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

TEMPLATES = Path(__file__).parents[2] / "scaffold"
FILES = {
    "connector.py.txt": "destinations/connectors/{slug}.py",
    "sandbox.py.txt": "destinations/sandbox/{slug}.py",
    "page.md.txt": "docs/connectors/{slug}.md",
    "test.py.txt": "tests/destinations/connectors/test_{slug}.py",
    **{
        f"{what}.json.txt": f"tests/destinations/connectors/fixtures/{{slug}}/{what}.json"
        for what in ("described", "look", "add", "remove")
    },
}
NEXT = """
Next:
1. Register {class_}() in destinations/connectors/__init__.py.
2. Add a scene to tests/destinations/connectors/scenes.py.
3. Run pytest tests/destinations/connectors: it says which line docs/connectors/README.md still lacks.
4. The fixtures are made up: put the vendor's own documentation there, make the sandbox speak so, then the
   connector (docs/adding-a-connector.md).
"""


class Command(BaseCommand):
    """Nothing that stands is written over."""

    help = "Write what a new connector starts from: connector, sandbox, fixtures, page, tests that pass."
    requires_system_checks = []  # a checkout without keys has all that it needs

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the vendor's name, as people write it: “Mailkite”")
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR, help="the checkout (this one)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say which files were written and what comes next."""
        name = options["name"].strip()
        slug = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", slug):
            raise CommandError("a name begins with a letter of a to z, and has 2 to 40 letters and digits")
        known = {"name": name, "slug": slug, "class_": slug.title().replace("_", "")}
        files = {source: options["into"] / path.format(slug=slug) for source, path in FILES.items()}
        if there := [str(path) for path in files.values() if path.exists()]:
            raise CommandError(f"these stand already, and nothing was written: {', '.join(there)}")
        for source, path in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            written = Template((TEMPLATES / source).read_text(encoding="utf-8")).substitute(known)
            path.write_text(written, encoding="utf-8")
            self.stdout.write(f"wrote {path.relative_to(options['into'])}")
        self.stdout.write(NEXT.format(**known))
