"""Twilio as its own library knows it, led to the sandbox."""

from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

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
