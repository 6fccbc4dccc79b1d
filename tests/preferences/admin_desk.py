"""Staff at their desk: what their pages are tried out with."""

from typing import Any

from preferences.models import Category, Draft

PAGES = {
    name: f"/admin/preferences/{name}/"
    for name in ("category", "source", "apikey", "change", "revision", "notice", "viewlog", "review", "draft")
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


def press(client: Any, act: str, page: str = "", **given: str) -> Any:
    """Press a button on a draft's page: the newest draft's, unless another is named."""
    page = page or f"{PAGES['draft']}{Draft.objects.latest('updated_at').pk}/change/"
    seen = client.get(page).context["page"].seen
    return client.post(page, {"act": act, "seen": seen, **given})


def message(client: Any, answer: Any) -> str:
    """What staff are told after an act."""
    return " ".join(map(str, client.get(answer.url).context["messages"]))
