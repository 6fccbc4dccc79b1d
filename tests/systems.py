"""The four sandbox systems, started once for all tests."""

from collections.abc import Iterator

import pytest

from destinations.sandbox import Sandbox
from tests.world import systems_running


@pytest.fixture(scope="session")
def four_systems() -> Iterator[dict[str, Sandbox]]:
    """Running on free ports; each test empties them."""
    with systems_running() as sandboxes:
        yield sandboxes
