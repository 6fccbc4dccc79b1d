"""What a phone has to load before a person can choose: under 60 KB, the largest logo included.

Counted is what Heed sends to a browser that takes gzip: the page; style sheets, scripts and the icon as
whitenoise compresses them; the colours and the logo, which are loaded once and kept for good, as they are.
"""

import gzip
import re
from base64 import b64encode
from pathlib import Path
from random import Random

import pytest
from django.contrib.staticfiles import finders

from preferences import services
from preferences.appearance import BRANDING
from preferences.terms import RevisionKind
from tests.portal import people

MOST = 60_000
PNG = b"\x89PNG\r\n\x1a\n" + Random(1).randbytes(30 * 1024 - 8)


@pytest.fixture
def branded(db):
    """Colours of their own, and a logo as large as one may be."""
    services.publish(
        kind=RevisionKind.APPEARANCE,
        key=BRANDING,
        body={
            "organisation": "Harbor Clinic",
            "accent": {"light": "#7a1f5c", "dark": "#f0a8d8"},
            "logo": {"type": "image/png", "content": b64encode(PNG).decode()},
        },
        author="editor",
        reason="Our own",
    )


def loaded(client, path):
    """The bytes of each thing that opening this page loads."""
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    page = gzip.decompress(packed.content).decode()
    linked = set(re.findall(r'<(?:link|script|img)\b[^>]*(?:href|src)="([^"]+)"', page))
    return {path: len(packed.content)} | {each: _size(client, each) for each in linked}


def _size(client, address):
    if not address.startswith("/static/"):
        return len(client.get(address).content)
    found = finders.find(address.removeprefix("/static/"))
    assert found
    return len(gzip.compress(Path(found).read_bytes(), 9))


@pytest.mark.parametrize("path", ["/p", "/p/history", "/p/addresses", "/p/only"])
def test_a_page_weighs_less_than_60_kb(branded, visit_by_code, joan, path):
    people.publish_required_category()
    people.texted_stop()

    found = loaded(visit_by_code, path)

    assert len(found) >= 6  # the page, four files of style and the icon, the colours, the logo
    assert any(each.endswith("/logo") for each in found)
    assert sum(found.values()) < MOST, found
