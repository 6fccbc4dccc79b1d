"""Asking for a code and reading it in the mail, as a person does."""

import re
from typing import Any

from django.core import mail

from portal import sending


def arrived() -> str:
    """The code in the newest mail, once the background work has sent what is due."""
    sending.send_due()
    [code] = re.findall(r"(?<!\d)\d{6}(?!\d)", str(mail.outbox[-1].body))
    return str(code)


def wrong() -> str:
    """Six digits that are not the code of the newest mail."""
    return f"{(int(arrived()) + 1) % 1_000_000:06}"


def send_here(client: Any, place: int = 0) -> Any:
    """In a visit: have a code sent to one of the addresses on offer."""
    offered = re.findall(r'name="address" value="([^"]+)"', client.get("/p/code").text)
    return client.post("/p/code", {"act": "send", "address": offered[place]})


def step_up(client: Any) -> Any:
    """In a visit: have a code sent by mail, and enter it."""
    send_here(client)
    return client.post("/p/code", {"act": "enter", "code": arrived()})


def ask(client: Any, address: str) -> Any:
    """At the front door."""
    return client.post("/", {"address": address})


def enter(client: Any, code: str) -> Any:
    return client.post("/code", {"act": "enter", "code": code})


def ask_again(client: Any) -> Any:
    return client.post("/code", {"act": "send"})
