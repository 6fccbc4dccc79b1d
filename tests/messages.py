"""The texts of patients' pages and their Spanish: gathered and compiled, with no gettext installed.

`make messages` runs this after a text changed; `test_spanish.py` fails until each has its Spanish.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
SPANISH = ROOT / "locale/es/LC_MESSAGES/django.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}


def sources() -> Iterator[Path]:
    """Everything that patients read, wherever it is written."""
    yield from sorted((ROOT / "portal").rglob("*.py"))
    yield from sorted((ROOT / "portal/templates").rglob("*.html"))
    yield from sorted((ROOT / "config/templates").glob("*.html"))
    yield ROOT / "destinations/services/confirming.py"


def in_sources() -> Catalog:
    """Each text, and the files that say it."""
    found = Catalog(project="Heed", charset="utf-8")
    for path in sources():
        code = io.BytesIO(_code(path).encode())
        for _, message, _, context in extract("python", code, keywords=KEYWORDS):
            found.add(message, locations=[(str(path.relative_to(ROOT)), 1)], context=context)
    return found


def _code(path: Path) -> str:
    """A template as the Python that Django makes of it for gettext: no indents, which Python would read."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())


def translated() -> Catalog:
    """The Spanish as it was written."""
    with SPANISH.open("rb") as file:
        spanish = read_po(file, locale="es")
    spanish.project, spanish.version = "Heed", "1"
    return spanish


def compiled() -> Catalog:
    """The Spanish as Django reads it."""
    with SPANISH.with_suffix(".mo").open("rb") as file:
        return read_mo(file)


def update() -> None:
    """New texts are added without a translation, gone ones are dropped, and the rest is compiled."""
    spanish = translated()
    spanish.update(in_sources(), no_fuzzy_matching=True, update_creation_date=False)
    with SPANISH.open("wb") as file:
        write_po(file, spanish, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    with SPANISH.with_suffix(".mo").open("wb") as file:
        write_mo(file, spanish)


if __name__ == "__main__":
    update()
