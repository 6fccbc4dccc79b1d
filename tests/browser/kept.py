"""Pages as the server gave them, before any browser mended them: kept for the HTML checker (`make html`)."""

import gzip
import os
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

from django.http import HttpRequest, HttpResponse

PAGES = Path(__file__).parent / "screenshots" / "html"
NUMBERS = count(1)


class Kept:
    """The innermost middleware of the live server. Staff's pages are left out: their frame is unfold's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html") and response.content and not request.path.startswith("/admin/"):
            packed = response.headers.get("Content-Encoding") == "gzip"
            keep(gzip.decompress(response.content) if packed else response.content)
        return response


def keep(page: bytes) -> None:
    """Under the name of the test that looks at it, so that whoever reads a complaint finds the state."""
    test = re.sub(r"\W+", "-", os.environ["PYTEST_CURRENT_TEST"].rpartition("/")[2])[:180]
    PAGES.mkdir(parents=True, exist_ok=True)
    (PAGES / f"{test}{next(NUMBERS)}.html").write_bytes(page)
