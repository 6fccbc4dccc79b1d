"""A partner with a key, who calls the API as partners do."""

import json
from typing import Any

import pytest
from django.test import Client

from preferences import services
from preferences.models import Source
from preferences.terms import Scope, SourceKind
from tests.preferences.api.conforming import conforms

ALL = tuple(Scope)


class Partner:
    """One source with one key."""

    def __init__(self, *scopes: Scope, slug: str = "crm", speaks: bool = False) -> None:
        self.source, _ = Source.objects.get_or_create(
            slug=slug, defaults={"name": slug, "kind": SourceKind.PARTNER, "speaks_for_person": speaks}
        )
        self.issued = services.issue_key(source=self.source, name="tests", scopes=scopes or ALL)
        self.secret = self.issued.secret
        self.client = Client()

    def post(self, path: str, body: object, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: object, **headers: str) -> Any:
        return self._send("PATCH", path, body, headers)

    def delete(self, path: str, body: object = b"", **headers: str) -> Any:
        return self._send("DELETE", path, body, headers)

    def get(self, path: str, **headers: str) -> Any:
        return self._send("GET", path, b"", headers)

    def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Any:
        """A body is sent as JSON; bytes go as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.secret}", "content-type": "application/json"} | headers
        kind = headers.pop("content-type")
        answer = self.client.generic(method, path, content, content_type=kind, headers=headers)
        conforms(method, path, answer)
        return answer

    def identify(self, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        """What came of an identify call that is accepted."""
        answer = self.post("/v1/identify", body, **headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def decide(self, category: str, channel: str, **recipient: Any) -> dict[str, Any]:
        body = {"category": category, "channel": channel, "recipients": [recipient]}
        [result] = self.post("/v1/decisions", body).json()["results"]
        return dict(result)


def problem(answer: Any) -> tuple[int, str]:
    """Status and code of an answer that must be problem+json, whole and helpful."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.headers["X-Request-ID"]
    assert body["type"] == f"urn:heed:problem:{body['code']}"
    return answer.status_code, body["code"]


@pytest.fixture
def partner(db):
    return Partner()


@pytest.fixture
def portal_system(db):
    """A system behind the person's own login."""
    return Partner(slug="portal-app", speaks=True)


@pytest.fixture
def browser(db):
    return Partner(Scope.WRITE_ANONYMOUS, slug="website")
