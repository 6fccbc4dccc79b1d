"""The examples for call centers in docs/inbound.md, as Genesys Cloud and Five9 would run them."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from destinations.models import InboundEvent
from destinations.sandbox.webhook import new_secret
from destinations.services.hearing import hear
from destinations.services.listening import save_inbound
from preferences import selectors
from preferences.models import Source
from preferences.services import issue_key
from preferences.terms import Scope, SourceKind
from tests.factories import PatientFactory

PAGE = (Path(settings.BASE_DIR) / "docs" / "inbound.md").read_text(encoding="utf-8")
CENTERS = PAGE.partition("## Call centers")[2].partition("\n## ")[0]
BODIES = re.findall(r"```json\n(.*?)```", CENTERS, re.DOTALL)
[CODE] = re.findall(r"```python\n(.*?)```", CENTERS, re.DOTALL)
WRAP_UP = {
    "version": "0",
    "id": "6f87d6f2-6a53-4d5c-9f2a-1c7c3d6b7a10",
    "detail-type": "v2.detail.events.conversation.{id}.wrapup",
    "source": "aws.partner/genesys.com/cloud/org/bus",
    "time": "2026-05-01T09:30:00Z",
    "detail": {
        "topicName": "v2.detail.events.conversation.0b7d.wrapup",
        "eventBody": {
            "conversationId": "0b7d0f3c-5c30-4f2b-8f0c-7b2f7a1f0001",
            "mediaType": "VOICE",
            "direction": "outbound",
            "ani": "tel:+12025550100",
            "dnis": "tel:+12025550143",
            "wrapupCode": "do-not-call-id",
        },
    },
}


@pytest.fixture
def ana(db: None) -> Any:
    return PatientFactory.create(phone="+12025550143")


def may_call(ana: Any) -> bool:
    return selectors.decide(ana.id, "appointment_reminders", "phone").allowed


@pytest.mark.parametrize(
    ("body", "number"), [(BODIES[0], "tel:+12025550143"), (BODIES[1], "2025550143")], ids=["genesys", "five9"]
)
def test_what_a_disposition_sends_is_do_not_call(ana, client: Client, body, number):
    source = Source.objects.create(slug="call-center", name="Call center", kind=SourceKind.PARTNER)
    issued = issue_key(source=source, name="Dispositions", scopes=[Scope.WRITE_RESTRICTIONS])
    sent = re.sub(r"\$\{input\.phone\}|@Call\.DNIS@", number, body)
    answer = client.post(
        "/v1/restrictions",
        sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {issued.secret}"},
    )
    assert answer.status_code == 200, answer.content
    assert not may_call(ana)
    assert selectors.decide(ana.id, "appointment_reminders", "sms").allowed


@pytest.fixture
def function(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function of the page, its call led to Heed."""
    secret = new_secret()
    save_inbound(slug="genesys-events", name="G", vendor="webhook", settings={}, secrets={"secret": secret})
    known = {"SECRET": secret, "URL": "https://heed.example/inbound/genesys-events"}
    for name, value in {**known, "DO_NOT_CALL": "do-not-call-id"}.items():
        monkeypatch.setenv(name, value)

    def opened(request: urllib.request.Request, timeout: int) -> None:
        headers = {name: value for name, value in request.header_items() if name != "Content-type"}
        answer = client.post(
            "/inbound/genesys-events", request.data, content_type="application/json", headers=headers
        )
        assert answer.status_code == 200

    monkeypatch.setattr(urllib.request, "urlopen", opened)
    made: dict[str, Any] = {}
    exec(compile(CODE, "docs/inbound.md", "exec"), made)  # noqa: S102 - our own page
    return made["handler"]


def test_the_function_on_the_page_signs_what_heed_takes(function, ana):
    function(WRAP_UP, None)
    function(WRAP_UP, None)  # EventBridge delivers at least once
    hear()
    assert InboundEvent.objects.count() == 1
    assert not may_call(ana)


def test_the_function_passes_over_other_codes(function, ana):
    other = json.loads(json.dumps(WRAP_UP).replace("do-not-call-id", "call-back"))
    function(other, None)
    assert not InboundEvent.objects.exists()
