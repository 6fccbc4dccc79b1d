"""Against a real server: Segment's own library, and every example of the page for partners."""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.urls import URLResolver
from segment.analytics.client import Client

from config.urls import urlpatterns
from tests.destinations.api.live import ROOT, server

__all__ = ["server"]
from tests.own_sqlite import once

pytestmark = once
PAGE = (ROOT / "docs" / "api.md").read_text()
NODE = ROOT / "tests" / "destinations" / "api" / "node"
KEPT = """
import json
from destinations.models import Event
from destinations.tracked import opened
rows = [(row.name, opened(row)) for row in Event.objects.order_by("received_at")]
named = [(name, body.properties, [each.value for each in body.identifiers]) for name, body in rows]
print(json.dumps([[name, properties] for name, properties, who in named if "{who}" in who]))
"""
DROPPED = """
import json
from governance.models import SeenNotAllowed
print(json.dumps([f"{row.event} {row.property}".strip() for row in SeenNotAllowed.objects.all()]))
"""
EXAMPLES = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def ask(server, path, body=None, headers=None):
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        server.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {server.key}",
            "Content-Type": "application/json",
            **(headers or {}),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def state_of(server, user, category, channel):
    [found] = ask(server, "/v1/profiles/search", {"external_id": user})["results"]
    read = ask(server, f"/v1/profiles/{found['profile']}/preferences")
    return read["preferences"][category][channel]


def kept(server, who):
    """The name and the properties of each event that is about somebody, in order."""
    return json.loads(server.shell(KEPT.format(who=who)))


def dropped(server):
    return set(json.loads(server.shell(DROPPED)))


@pytest.mark.parametrize("packed", [False, True])
def test_segments_library_works_as_it_is(server, packed):
    errors = []
    user = f"segment-{packed}"
    client = Client(
        server.key,
        host=server.url,
        gzip=packed,
        max_retries=0,
        on_error=lambda error, items: errors.append((error, items)),
    )
    client.identify(user, {"email": f"{user}@example.org"})
    client.identify(
        user,
        {"preferences": {"appointment_reminders": {"sms": False}}},
        context={"consent": {"categoryPreferences": {"marketing_emails": False}}},
    )
    client.track(user, "appointment_booked", {"clinic": "north", "insurer": "Acme"})
    client.track(user, "never_allowed", {})
    client.page(user, "docs", "prices")
    client.screen(user, "home")
    client.group(user, "family")
    client.alias("visitor", user)
    client.shutdown()

    assert errors == []
    assert state_of(server, user, "marketing_emails", "email")["state"] == "opted_out"
    assert state_of(server, user, "appointment_reminders", "sms")["state"] == "opted_out"
    assert state_of(server, user, "appointment_reminders", "email")["state"] == "never_asked"
    assert kept(server, user) == [
        ["appointment_booked", {"clinic": "north"}],
        ["page_viewed", {"name": "prices"}],
    ]
    assert dropped(server) >= {"never_allowed", "screen_viewed", "appointment_booked insurer"}


@pytest.mark.skipif(not (NODE / "node_modules").exists(), reason=f"npm ci --prefix {NODE.relative_to(ROOT)}")
def test_segments_library_for_node_works_as_it_is(server):
    command = ["node", "send.mjs", server.url, server.key, "node-user"]
    done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(done.stdout) == []
    assert state_of(server, "node-user", "appointment_reminders", "sms")["state"] == "opted_out"
    assert kept(server, "node-user") == [["appointment_booked", {"value": 120, "doctor.name": "Lee"}]]
    assert kept(server, "node-visitor") == [["page_viewed", {"name": "Prices"}]]


def test_segments_library_hears_of_a_wrong_key(server):
    errors = []
    client = Client(
        "wrong", host=server.url, max_retries=0, on_error=lambda error, items: errors.append(error)
    )
    client.identify("u1", {})
    client.shutdown()

    assert [error.status for error in errors] == [401]


def test_of_many_at_once_under_one_name_one_is_carried_out(server):
    def send(_):
        try:
            return ask(server, "/v1/identify", {"userId": "at-once"}, {"Idempotency-Key": "at-once"})
        except urllib.error.HTTPError as refused:
            return refused.code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(8)))

    carried_out = [each for each in answers if each != 409]
    assert carried_out
    assert all(each == carried_out[0] and each["status"] == "recorded" for each in carried_out)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl")
def test_every_example_works_as_it_stands(server, tmp_path):
    (tmp_path / ".curlrc").write_text("fail-with-body\n")
    profile = ask(server, "/v1/identify", {"userId": "reader"})["profile"]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "CURL_HOME": str(tmp_path),
        "HEED_URL": server.url,
        "HEED_KEY": server.key,
        "PROFILE": profile,
    }

    assert len(EXAMPLES) == 16
    for example in EXAMPLES:
        done = subprocess.run(
            ["bash", "-euc", example], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{example}\n{done.stdout}\n{done.stderr}"
        assert json.loads(done.stdout)


def test_every_route_has_its_place_on_the_page():
    routes = {
        "/v1/" + re.sub(r"<\w+:\w+>", "{id}", str(route.pattern))
        for included in urlpatterns
        if isinstance(included, URLResolver) and str(included.pattern) == "v1/"
        for route in included.url_patterns
    }

    assert len(routes) > 10
    missing = [route for route in routes if not route.endswith("/") and f" {route}" not in PAGE]
    assert missing == []


def test_a_link_that_grew_to_eight_thousand_characters_is_met_in_plain_words(server):
    with pytest.raises(urllib.error.HTTPError) as met:
        urllib.request.urlopen(f"{server.url}/p/x/{'A' * 8000}", timeout=30)  # noqa: S310 - our own loopback

    assert met.value.code == 404
    assert "Ask for a new link" in met.value.read().decode()


def test_the_log_has_one_line_a_request_and_nothing_of_whom_it_came_from(server):
    phone = {"User-Agent": "Someones-own-phone/1.0"}
    request = urllib.request.Request(f"{server.url}/healthz", headers=phone)  # noqa: S310 - our own loopback
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own loopback
        number = answer.headers["X-Request-ID"]

    written = server.log.read_text()

    assert written.count(number) == 1
    assert "Someones-own-phone" not in written
    assert "gunicorn.access" not in written
