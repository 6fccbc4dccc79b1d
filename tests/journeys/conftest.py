"""A whole demo as anyone would start it: its own processes, its own data, real HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from destinations.sandbox.__main__ import COUNT
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS, STOP_SECONDS = 120, 15


@dataclass(frozen=True)
class Demo:
    """A running demo, as its ready file describes it."""

    told: dict[str, Any]
    data: Path

    @property
    def patient(self) -> str:
        return str(self.told["patient_email"])

    def systems(self, email: str) -> dict[str, dict[str, Any]]:
        """What each system says of whoever has this address."""
        answer = requests.get(self.told["systems_url"], params={"format": "json", "email": email}, timeout=10)
        return {system["slug"]: system for system in answer.json()["systems"]}

    def identify(self, email: str, **preferences: Any) -> requests.Response:
        """A partner says what the person at this address chose."""
        answer = requests.post(
            f"{self.told['base_url']}/v1/identify",
            json={"traits": {"email": email, "preferences": preferences}},
            headers={"Authorization": f"Bearer {self.told['api_key']}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer

    def processes(self, named: str) -> list[int]:
        """The processes of this demo whose command line holds this."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                is_ours = entry.name.isdigit() and str(self.data).encode() in (entry / "environ").read_bytes()
                if is_ours and named.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended meanwhile
        return sorted(found)

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`manage.py demo` with forty patients, stopped by Ctrl-C at the end."""
    home = tmp_path_factory.mktemp("demo")
    ready = home / "ready.json"
    command = [sys.executable, "manage.py", "demo", "--port", str(free_ports(COUNT + 2)), "--patients", "40"]
    command += ["--data", str(home / "data"), "--ready-file", str(ready)]
    with (home / "output").open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            wait_until(
                lambda: ready.exists() or process.poll() is not None,
                READY_SECONDS,
                (home / "output").read_text,
            )
            assert ready.exists(), (home / "output").read_text()
            yield Demo(json.loads(ready.read_text()), home / "data")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)
    assert not ready.exists()


def wait_until(true: Callable[[], Any], seconds: float, otherwise: Callable[[], object]) -> None:
    """Wait for something that the whole system brings about."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)
