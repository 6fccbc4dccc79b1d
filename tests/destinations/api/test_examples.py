"""Every example of the API's document is sent to a real server, and answered as the document says."""

import json
import urllib.error
import urllib.request

import pytest

from config.openapi import document
from tests.destinations.api.live import server
from tests.own_sqlite import once
from tests.preferences.api.conforming import fits

pytestmark = once

__all__ = ["server"]

CALLS = [
    pytest.param(path, method, kind, id=f"{method} {path} {kind}")
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
    for kind in operation.get("requestBody", {"content": {None: None}})["content"]
]


def send(server, method, path, body=None, kind="application/json"):
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        server.url + path,
        method=method.upper(),
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {server.key}", **({"Content-Type": kind} if kind else {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.headers["Content-Type"].partition(";")[0], answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read().decode()


@pytest.fixture(scope="module")
def ids(server):
    """What stands in the paths: somebody, and a restriction on a number."""
    paths = document()["paths"]
    say, deny = (paths[f"/v1/{name}"]["post"] for name in ("identify", "restrictions"))
    example = [each["requestBody"]["content"]["application/json"]["example"] for each in (say, deny)]
    person = json.loads(send(server, "post", "/v1/identify", example[0])[2])["profile"]
    restriction = json.loads(send(server, "post", "/v1/restrictions", example[1])[2])["id"]
    return {"profiles": person, "restrictions": restriction}


@pytest.mark.parametrize(("path", "method", "kind"), CALLS)
def test_an_example_runs_as_it_stands(server, ids, path, method, kind):
    operation = document()["paths"][path][method]
    body = operation["requestBody"]["content"][kind]["example"] if kind else None
    status, gave, text = send(
        server, method, path.replace("{id}", ids.get(path.split("/")[2], "")), body, kind
    )

    assert status == 200, text
    content = operation["responses"]["200"]["content"]
    if gave == "application/json":
        fits(json.loads(text), content[gave]["schema"])
    assert gave in content
