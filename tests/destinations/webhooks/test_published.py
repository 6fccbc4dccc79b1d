"""What vendors say, as their documentation shows it, and what it means."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from destinations.contract import Settings
from destinations.vendors import VENDORS
from destinations.vendors.contract import Incoming

FIXTURES = Path(__file__).parent / "fixtures"
ELSEWHERE = {"segment"}  # sent as they are, signed: test_segment.py
SHOWN = [path for path in sorted(FIXTURES.glob("*/*.json")) if path.parent.name not in ELSEWHERE]


def body_of(shown: dict[str, Any]) -> bytes:
    if "form" in shown:
        return urlencode(shown["form"]).encode()
    return (shown["text"] if "text" in shown else json.dumps(shown["json"])).encode()


@pytest.mark.parametrize("slug", VENDORS)
def test_each_vendor_that_tells_heed_is_shown_as_it_documents_itself(slug):
    assert list((FIXTURES / slug).glob("*.json"))


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_said_means_what_its_documentation_says(path):
    shown, vendor = json.loads(path.read_text()), VENDORS[path.parent.name]
    known = {name: setting.default for name, setting in vendor.settings.items()}
    settings, body = Settings({**known, **shown.get("settings", {})}), body_of(shown)
    call = Incoming("POST", "https://heed.example/inbound/it", body, {"webhook-id": "msg_1"})
    contents = [body] if vendor.polls else [item.content for item in vendor.split(call)]
    heard = [each for content in contents for each in vendor.read(content, settings)]

    assert [f"{each.meaning} {each.event} {each.target}".strip() for each in heard] == shown["means"]
    assert shown["source"].startswith("https://")
