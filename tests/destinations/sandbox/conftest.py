"""Each sandbox on a free port, asked over real HTTP as its vendor would be."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from destinations.sandbox import (
    FhirSandbox,
    SalesforceSandbox,
    SendGridSandbox,
    WebhookSandbox,
    running,
)

PATIENCE = 5


class Caller(requests.Session):
    """A session with the credentials of one caller, and a base URL."""

    def __init__(self, base: str, bearer: str = "") -> None:
        super().__init__()
        self.base = base
        if bearer:
            self.headers["Authorization"] = f"Bearer {bearer}"

    def request(self, method, url, *args, **kwargs):
        return super().request(method, self.base + url, *args, **{"timeout": PATIENCE, **kwargs})


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def call(stack):
    """`call(sandbox, bearer)` is a session that knows where the sandbox is."""
    return lambda sandbox, bearer="": stack.enter_context(Caller(sandbox.url, bearer))


@pytest.fixture
def sendgrid(stack: ExitStack) -> SendGridSandbox:
    sandbox = stack.enter_context(running(SendGridSandbox()))
    sandbox.seed(
        {"groups": [{"id": 101, "name": "Marketing emails"}, {"id": 102, "name": "Patient surveys"}]}
    )
    return sandbox


@pytest.fixture
def salesforce(stack: ExitStack) -> SalesforceSandbox:
    return stack.enter_context(running(SalesforceSandbox()))


@pytest.fixture
def fhir(stack: ExitStack) -> FhirSandbox:
    return stack.enter_context(running(FhirSandbox()))


@pytest.fixture
def webhook(stack: ExitStack) -> WebhookSandbox:
    return stack.enter_context(running(WebhookSandbox()))
