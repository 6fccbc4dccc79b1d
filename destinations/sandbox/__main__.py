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
    FhirSandbox,
    SalesforceSandbox,
    Sandbox,
    SendGridSandbox,
    System,
    SystemsPage,
    WebhookSandbox,
    running,
)
from destinations.sandbox.webhook import new_secret

COUNT = 5
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
            urls = serve(stack, asked.data, asked.port_base)
        except OSError as error:
            ports = f"{asked.port_base} to {asked.port_base + COUNT - 1}"
            sys.stderr.write(f"ports {ports} must be free for the sandboxes: {error.strerror}\n")
            return 2
        sys.stdout.write(json.dumps(urls) + "\n")
        sys.stdout.flush()
        over.wait()
    return 0


def serve(stack: ExitStack, data: Path, base: int) -> dict[str, str]:
    """Start all of them, the systems page last; slug -> base URL."""
    ports = iter(range(base, base + COUNT) if base else [0] * COUNT)
    sandboxes = [stack.enter_context(running(sandbox, next(ports))) for sandbox in all_of_them(data)]
    systems = [System(each.slug, each.slug, each.name, each.url) for each in sandboxes]
    page = stack.enter_context(running(SystemsPage(systems), next(ports)))
    return {each.slug: each.url for each in sandboxes} | {page.slug: page.url}


def all_of_them(data: Path) -> list[Sandbox]:
    """The sandboxes, each with its file in this directory."""
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
    return made


if __name__ == "__main__":
    sys.exit(main())
