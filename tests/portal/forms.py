"""Filling in the page as a browser would."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag != "input":
            return
        self.names.add(given["name"])
        if given.get("type") != "radio" or "checked" in given:
            self.values[given["name"]] = given["value"]


def fields(html: str) -> dict[str, str]:
    """What the form would send if nothing was touched."""
    parser = _Fields()
    parser.feed(html)
    return parser.values


def names(html: str) -> set[str]:
    """Everything that can be filled in."""
    parser = _Fields()
    parser.feed(html)
    return parser.names


def open_form(client: Any) -> dict[str, str]:
    return fields(client.get("/p").text)


def save(client: Any, form: dict[str, str] | None = None, /, *, act: str = "save", **choices: str) -> Any:
    """Choose (`appointment_reminders__sms="no"`) on this form, or the page as it is now; press a button."""
    form = dict(open_form(client) if form is None else form)
    for name, answer in choices.items():
        category, _, channel = name.partition("__")
        form[f"choice.{category}.{channel}"] = {"yes": "opted_in", "no": "opted_out"}[answer]
    return client.post("/p", {**form, "act": act})


def words(html: str) -> str:
    """What a person reads."""
    body = re.sub(r"(?s)<head>.*?</head>|<noscript>.*?</noscript>", "", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).replace("\xa0", " ")
