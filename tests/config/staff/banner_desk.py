"""Filling in the banner's editor as a browser would, and publishing what came of it."""

import re
from html.parser import HTMLParser

BANNER = "/admin/settings/banners/website/"


class _Typed(HTMLParser):
    """What the editor's form would send, as it stands."""

    def __init__(self):
        super().__init__()
        self.sent, self.within, self.name = {}, False, ""

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.within = "data-banner" in given
        name = given.get("name", "")
        if not self.within or not name:
            if self.within and tag == "option" and "selected" in given:
                self.sent[self.name] = [given["value"]]
            return
        self.name = name
        if tag == "textarea":
            self.sent[name] = [""]
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.sent.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag):
        self.within = self.within and tag != "form"
        self.name = "" if tag in ("textarea", "select") else self.name

    def handle_data(self, data):
        if self.within and self.lasttag == "textarea" and self.name:
            self.sent[self.name] = [data.removeprefix("\n")]


def typed(html):
    """Name -> values."""
    reader = _Typed()
    reader.feed(html)
    return reader.sent


def save(client, act="keep", page=f"{BANNER}edit/", **changed):
    """Open the editor, change something in it, and press a button."""
    return client.post(page, {**typed(client.get(page).text), "act": act, **changed})


def publish(client, draft):
    """Read what a draft changes, and publish it."""
    page = f"/admin/preferences/draft/{draft.pk}/change/"
    [seen] = re.findall(r'name="seen" value="([^"]+)"', client.get(page).text)
    return client.post(page, {"act": "publish", "seen": seen}, follow=True)
