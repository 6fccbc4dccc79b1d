"""Staff at their desk: what their pages are tried out with."""

from typing import Any

from preferences.models import Category

PAGES = {
    name: f"/admin/preferences/{name}/"
    for name in ("category", "source", "apikey", "change", "revision", "notice", "viewlog", "review")
}


def in_force(slug: str) -> Category:
    """The publication that stands."""
    found: Category = Category.objects.get(key=slug)
    return found


def posted(form: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send for this form, with some of it changed."""
    sent = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False):
            sent[bound.html_name] = "on" if value is True else value
    sent |= changes
    return {name: value for name, value in sent.items() if value is not None}
