"""`python -m destinations.sandbox --data DIR --port-base 9100`: every sandbox in one process, a port each."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from destinations.sandbox import (
    AthenahealthSandbox,
    FhirSandbox,
    Five9Sandbox,
    GenesysSandbox,
    Hl7Sandbox,
    HttpSandbox,
    HubSpotSandbox,
    MailchimpSandbox,
    SalesforceSandbox,
    Sandbox,
    SendGridSandbox,
    System,
    SystemsPage,
    TwilioSandbox,
    WebhookSandbox,
    running,
)
from destinations.sandbox.webhook import new_secret

COUNT = 5
MORE: tuple[type[Sandbox], ...] = (
    MailchimpSandbox,
    HubSpotSandbox,
    HttpSandbox,
    GenesysSandbox,
    Five9Sandbox,
    Hl7Sandbox,
    AthenahealthSandbox,
    TwilioSandbox,
)
VARIABLE = "HEED_SANDBOX_WEBHOOK_SECRET"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 when a port is busy."""
    asked = parser().parse_args(arguments)
    asked.data.mkdir(parents=True, exist_ok=True)
    over = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with ExitStack() as stack:
        try:
            urls = serve(stack, asked.data, asked.port_base, MORE if asked.all else ())
        except OSError as error:
            ports = f"{asked.port_base} to {asked.port_base + COUNT + len(MORE) * asked.all - 1}"
            sys.stderr.write(f"ports {ports} must be free for the sandboxes: {error.strerror}\n")
            return 2
        sys.stdout.write(json.dumps(urls) + "\n")
        sys.stdout.flush()
        over.wait()
    return 0


def serve(stack: ExitStack, data: Path, base: int, more: Sequence[type[Sandbox]] = ()) -> dict[str, str]:
    """Start all of them, the systems page last; slug -> base URL."""
    count = COUNT + len(more)
    ports = iter(range(base, base + count) if base else [0] * count)
    made = [*all_of_them(data), *(each(data / f"{each.slug}.sqlite3") for each in more)]
    sandboxes = [stack.enter_context(running(sandbox, next(ports))) for sandbox in made]
    systems = [System(each.slug, each.slug, each.name, each.url) for each in sandboxes]
    page = stack.enter_context(running(SystemsPage(systems), next(ports)))
    interfaces = {f"{each.slug}_mllp": each.mllp_url for each in sandboxes if isinstance(each, Hl7Sandbox)}
    return {each.slug: each.url for each in sandboxes} | {page.slug: page.url} | interfaces


def all_of_them(data: Path) -> list[Sandbox]:
    """Those that the demo connects, each with its file in this directory."""
    return [
        SendGridSandbox(data / "sendgrid.sqlite3"),
        SalesforceSandbox(data / "salesforce.sqlite3"),
        FhirSandbox(data / "fhir.sqlite3"),
        WebhookSandbox(data / "webhook.sqlite3", webhook_secret(data / "webhook.secret")),
    ]


def webhook_secret(file: Path) -> str:
    """From the environment (arguments can be seen by others), else its own, kept beside the data."""
    if given := os.environ.get(VARIABLE):
        return given
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(new_secret())
    return file.read_text().strip()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m destinations.sandbox", description=__doc__)
    made.add_argument("--data", type=Path, required=True, help="directory that keeps what was acknowledged")
    made.add_argument(
        "--port-base", type=int, default=0, help="first of five ports; any free ones if left out"
    )
    made.add_argument("--all", action="store_true", help="also those that the demo does not connect")
    return made


if __name__ == "__main__":
    sys.exit(main())
