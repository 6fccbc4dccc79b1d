"""The texts of patients' pages in every language: gathered and compiled, with no gettext installed.

`make messages` runs this after a text changed; `test_spanish.py` fails until each has its Spanish. The other
languages come as drafts, which may lag behind: what they lack is shown in English, and staff see how much.
What every language must keep of the English is held by `test_translations.py`.
"""

import io
from calendar import month_name
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "locale"
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


def in_language(language: str) -> Catalog:
    """The same, with the months where Django does not have them: Tagalog."""
    found = in_sources()
    if not (Path(django.__file__).parent / "conf/locale" / language).exists():
        for month in month_name[1:]:
            found.add(month, locations=[("django/utils/dates.py", 1)])
    return found


def _code(path: Path) -> str:
    """A template as the Python that Django makes of it for gettext: no indents, which Python would read."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())


def translated(path: Path = SPANISH) -> Catalog:
    """A language as it was written; Spanish unless another is named."""
    with path.open("rb") as file:
        written = read_po(file, locale=path.parent.parent.name)
    written.project, written.version = "Heed", "1"
    return written


def compiled(path: Path = SPANISH) -> Catalog:
    """A language as Django reads it."""
    with path.with_suffix(".mo").open("rb") as file:
        return read_mo(file)


def update() -> None:
    """New texts are added without a translation, gone ones are dropped, and the rest is compiled."""
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        written = translated(path)
        written.update(
            in_language(path.parent.parent.name), no_fuzzy_matching=True, update_creation_date=False
        )
        with path.open("wb") as file:
            write_po(file, written, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, written)


if __name__ == "__main__":
    update()
