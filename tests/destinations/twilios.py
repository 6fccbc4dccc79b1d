"""Twilio as its own library knows it, led to the sandbox."""

from collections.abc import Iterator
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from destinations.models import Inbound
from destinations.sandbox import TwilioSandbox, running
from destinations.services.listening import save_inbound

ACCOUNT, KEY, SECRET, SERVICE = "AC" + "1" * 32, "SK" + "2" * 32, "a-secret", "MG" + "3" * 32


class _ToSandbox(TwilioHttpClient):
    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.base), *args, **kwargs)


def twilio(base: str, secret: str = SECRET) -> Any:
    """The client that Twilio publishes."""
    return Client(KEY, secret, ACCOUNT, http_client=_ToSandbox(base))


@pytest.fixture
def sandbox() -> Iterator[TwilioSandbox]:
    with running(TwilioSandbox()) as sandbox:
        yield sandbox


@pytest.fixture
def connection(db: None, sandbox: TwilioSandbox, settings: Any) -> Inbound:
    settings.PUBLIC_URL = "https://heed.example"
    settings.HEED_PRIVATE_HOSTS = {"texts": [sandbox.url.removeprefix("http://")]}
    return save_inbound(
        slug="texts",
        name="Texts",
        vendor="twilio",
        settings={"account_sid": ACCOUNT, "api_key": KEY, "sender": SERVICE, "base_url": sandbox.url},
        secrets={"auth_token": "12345", "api_key_secret": SECRET},
    )
