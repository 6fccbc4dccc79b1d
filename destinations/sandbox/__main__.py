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
    FilesSandbox,
    Five9Sandbox,
    Ga4Sandbox,
    GenesysSandbox,
    GoogleEventsSandbox,
    GoogleSandbox,
    Hl7Sandbox,
    HttpSandbox,
    HubSpotSandbox,
    MailchimpSandbox,
    MetaConversionsSandbox,
    MetaSandbox,
    PhonesSandbox,
    SalesforceSandbox,
    Sandbox,
    SegmentSandbox,
    SendGridSandbox,
    System,
    SystemsPage,
    WebhookSandbox,
    running,
)
from destinations.sandbox.webhook import new_secret

PAGE = 1
COUNT = 16 + PAGE  # ports: one for each that the demo shows, and one more for its HL7 interface
MORE: tuple[type[Sandbox], ...] = (
    AthenahealthSandbox,
    Five9Sandbox,
    GoogleSandbox,
    HttpSandbox,
)
SECRET, TOKEN, TEXTS, HEED, MAILS = (
    "HEED_SANDBOX_WEBHOOK_SECRET",
    "HEED_SANDBOX_TWILIO_TOKEN",
    "HEED_SANDBOX_TWILIO_WEBHOOK",
    "HEED_SANDBOX_BESIDE",  # the SQLite file of a Heed that these run beside
    "HEED_SANDBOX_MAILS",  # the directory to which it mails
)


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
    """Start all of them, the systems page last; slug -> base URL, and where HL7 messages and files go."""
    made = [*all_of_them(data), *(each(data / f"{each.slug}.sqlite3") for each in more)]
    port = base
    for sandbox in made:
        stack.enter_context(running(sandbox, port))
        port += sandbox.ports if base else 0
    systems = SystemsPage([System.of(each) for each in made], named_file(HEED), named_file(MAILS))
    page = stack.enter_context(running(systems, port))
    doors = {f"{each.slug}_mllp": each.mllp_url for each in made if isinstance(each, Hl7Sandbox)}
    doors |= {
        f"{each.slug}_files": each.directory.as_uri() for each in made if isinstance(each, FilesSandbox)
    }
    return {each.slug: each.url for each in made} | {page.slug: page.url} | doors


def all_of_them(data: Path) -> list[Sandbox]:
    """Those that the demo shows, kind by kind, each with its file in this directory."""
    secret = os.environ.get(SECRET) or own_secret(data / "webhook.secret")
    texts, token = os.environ.get(TEXTS, ""), os.environ.get(TOKEN, "")
    return [
        SendGridSandbox(data / "sendgrid.sqlite3"),
        MailchimpSandbox(data / "mailchimp.sqlite3"),
        FhirSandbox(data / "fhir.sqlite3"),
        Hl7Sandbox(data / "hl7.sqlite3"),
        SalesforceSandbox(data / "salesforce.sqlite3"),
        HubSpotSandbox(data / "hubspot.sqlite3"),
        GenesysSandbox(data / "genesys.sqlite3"),
        PhonesSandbox(data / "twilio.sqlite3", texts, token),
        MetaSandbox(data / "meta.sqlite3"),
        FilesSandbox(data / "csv.sqlite3", data.resolve() / "files"),
        WebhookSandbox(data / "webhook.sqlite3", secret),
        MetaConversionsSandbox(data / "meta_conversions.sqlite3"),
        GoogleEventsSandbox(data / "google_events.sqlite3"),
        Ga4Sandbox(data / "ga4.sqlite3"),
        SegmentSandbox(data / "segment.sqlite3"),
    ]


def named_file(variable: str) -> Path | None:
    """What a Heed on this machine keeps, where the environment says so."""
    return Path(os.environ[variable]) if os.environ.get(variable) else None


def own_secret(file: Path) -> str:
    """Kept beside the data, where the environment names none (arguments can be seen by others)."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(new_secret())
    return file.read_text().strip()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m destinations.sandbox", description=__doc__)
    made.add_argument("--data", type=Path, required=True, help="directory that keeps what was acknowledged")
    made.add_argument(
        "--port-base", type=int, default=0, help=f"first of {COUNT} ports; any free ones if left out"
    )
    made.add_argument("--all", action="store_true", help="also those that the demo does not show")
    return made


if __name__ == "__main__":
    sys.exit(main())
