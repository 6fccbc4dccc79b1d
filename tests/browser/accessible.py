"""What axe-core says of a page: WCAG 2.2 AA and its own best practices, in the light and in the dark."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a scheme changes
RUNS: tuple[tuple[Literal["light", "dark"], Any], ...] = (("light", EVERYTHING), ("dark", COLOURS))
AXE = Axe()


def complaints(tab: Page, within: str = "html") -> list[str]:
    """What axe holds against that part of the page as it stands, in each colour scheme."""
    if tab.evaluate("matchMedia('(forced-colors: active)').matches"):
        return []  # the colours are the reader's own, and axe would judge ours
    found = []
    for scheme, rules in RUNS:
        tab.emulate_media(color_scheme=scheme)
        options = {"resultTypes": ["violations"], "runOnly": rules}
        said = AXE.run(tab, context=within, options=options).response["violations"]
        found += [f"{scheme}: {each}" for each in _said(said)]
    tab.emulate_media(color_scheme="null")
    return found


def _said(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in violations
        for node in rule["nodes"]
    ]
