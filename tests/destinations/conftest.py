"""A world for the engine: four real systems on loopback."""

from typing import Any

import pytest
import requests

from destinations.sandbox import Sandbox
from tests.world import World, connect


@pytest.fixture
def world(db: None, four_systems: dict[str, Sandbox], settings: Any) -> World:
    """The four systems, empty and healthy, connected to an empty Heed."""
    settings.HEED_PRIVATE_HOSTS = {}
    for sandbox in four_systems.values():
        requests.delete(f"{sandbox.url}/_faults", timeout=5)
        requests.post(f"{sandbox.url}/_reset", timeout=5)
    made = connect(four_systems)
    made.drain()
    return made
