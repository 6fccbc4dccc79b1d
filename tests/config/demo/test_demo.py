"""`manage.py demo` from start to stop, as somebody would use it. With real processes."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest

from config.demo.groups import members
from destinations.sandbox.__main__ import COUNT
from tests.config.demo.conftest import runs, wait_until
from tests.own_sqlite import once
from tests.ports import free_ports

pytestmark = once

START = 90
OTHERS = {"hubspot", "webhook"}
TRACKERS = {"meta_conversions", "google_events", "ga4", "segment"}
SYSTEMS = TRACKERS | {"sendgrid", "mailchimp", "salesforce", "fhir", "hl7", "genesys", "meta", "csv"} | OTHERS
FIELDS = [
    *("admin_password", "admin_url", "admin_user", "api_key", "base_url", "destinations", "mailbox_url"),
    *("patient_email", "patient_url", "systems_url", "webhook_secrets", "website_url"),
]


class Started:
    """A demo that somebody started in a terminal."""

    def __init__(self, base, directory, *options):
        self.base, self.directory = base, directory
        self.port = free_ports(COUNT + 2)
        self.ready = directory.with_name("ready.json")
        known = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        usual = ["--port", str(self.port), "--data", str(directory), "--patients", "3"]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--ready-file", str(self.ready), *usual, *options],
            cwd=base,
            env=known,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def told(self):
        """What the ready file says, once it is there."""
        wait_until(lambda: self.ready.exists() or self.process.poll() is not None, START)
        assert self.ready.exists(), self.said()
        return json.loads(self.ready.read_text())

    def groups(self):
        """Its programs: sandbox, web, website, worker, visitors."""
        return json.loads((self.directory / "groups.json").read_text())

    def everybody(self):
        """All of its processes."""
        return [pid for group in self.groups() for pid in members(group, f"HEED_DEMO={self.directory}")]

    def status(self, path):
        """What the web server answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def run(self, *arguments):
        """Another command on its data, from another directory."""
        manage = self.base / "manage.py"
        command = [sys.executable, str(manage), "demo", "--data", str(self.directory), "--run", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.directory.parent, check=False)

    def said(self):
        """What it said, when it ends by itself."""
        said, _ = self.process.communicate(timeout=30)
        return said

    def stop(self, number=signal.SIGINT):
        """Ctrl-C; what it said in all its life."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.said()


@pytest.fixture
def start(tmp_path, settings):
    """Start demos; they end with the test."""
    started = []

    def begin(*options):
        started.append(Started(settings.BASE_DIR, tmp_path / "demo", *options))
        return started[-1]

    yield begin
    for demo in started:
        demo.stop()


def test_a_demo_from_its_first_start_to_its_last_stop(start, kill):
    demo = start()
    told = demo.told()

    # It serves, and tells how to get in, to its owner only.
    assert stat.S_IMODE(demo.ready.stat().st_mode) == 0o600
    assert sorted(told) == FIELDS
    assert set(told["destinations"]) == SYSTEMS
    assert set(told["webhook_secrets"]) == {"twilio", "sendgrid", "mailchimp", "salesforce"} | OTHERS
    assert demo.status("/healthz") == demo.status("/admin/login/") == 200

    # Whatever is killed comes back.
    for group in demo.groups():
        kill(group)
    wait_until(lambda: demo.status("/healthz") == 200 and len(demo.groups()) == 5, 30)

    # Other commands work on its data, with its keys, and say how it went.
    examined = demo.run("doctor", "--json")
    assert {each["check"] for each in json.loads(examined.stdout)} >= {"database", "keys"}
    assert examined.returncode == any(each["level"] == "wrong" for each in json.loads(examined.stdout))

    # What it mails to staff is kept where one can read it.
    demo.run("sendtestemail", "privacy@riverside.example")
    [mail] = (demo.directory / "mail").iterdir()
    assert "To: privacy@riverside.example" in mail.read_text()
    assert stat.S_IMODE((demo.directory / "mail").stat().st_mode) == 0o700

    # Nobody else can use the directory meanwhile.
    assert "stop it first" in start("--reset").said()

    # Ctrl-C ends everything, soon.
    everybody, began = demo.everybody(), time.monotonic()
    said = demo.stop()
    assert time.monotonic() - began < 5
    assert demo.process.returncode == 0
    assert not any(map(runs, everybody))
    assert not demo.ready.exists()
    assert told["admin_password"] in said
    assert "Traceback" not in said

    # The same command goes on with the same data, also after a kill -9.
    again = start()
    assert again.told()["admin_password"] == told["admin_password"]
    everybody = again.everybody()
    again.stop(signal.SIGKILL)
    wait_until(lambda: not any(map(runs, everybody)), 10)

    # --reset starts over, and does not believe the file that the killed one left.
    assert again.ready.exists()
    anew = start("--reset")
    wait_until(lambda: not again.ready.exists(), 20)
    assert anew.told()["admin_password"] != told["admin_password"]


def test_a_busy_port_is_told_before_anything_is_written(start):
    with socket.socket() as neighbour:
        neighbour.bind(("127.0.0.1", 0))
        neighbour.listen()
        port = neighbour.getsockname()[1]

        demo = start("--port", str(port))
        said = demo.said()

    assert demo.process.returncode == 1
    assert f"port {port} is busy" in said
    assert "--port" in said
    assert "Traceback" not in said
    assert not demo.directory.exists()


def test_a_directory_with_other_things_is_refused(start, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("years of work")

    demo = start("--reset")
    said = demo.said()

    assert demo.process.returncode == 1
    assert "holds something else" in said
    assert [path.name for path in demo.directory.iterdir()] == ["thesis.txt"]


def test_a_command_before_the_first_start_is_told_so(tmp_path, settings):
    manage, directory = settings.BASE_DIR / "manage.py", tmp_path / "nobody"
    command = [sys.executable, str(manage), "demo", "--data", str(directory), "--run", "doctor"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert "start it first" in answer.stderr
    assert not directory.exists()
