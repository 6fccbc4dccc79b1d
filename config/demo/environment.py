"""Keys, ports and environment of a demo: its processes are told everything by their environment."""

import base64
import json
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from config.demo.doors import reachable
from config.demo.home import Home
from destinations.sandbox.__main__ import COUNT as SANDBOXES
from destinations.sandbox.webhook import new_secret

HOST = "127.0.0.1"
ADMIN = "admin"
ALARMED = "privacy@riverside.example"
MARK = "HEED_DEMO"  # every process of a demo carries it, naming the demo's directory
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONPATH")


def mark_of(home: Home) -> str:
    """What tells this demo's processes from others."""
    return f"{MARK}={home.path}"


def secrets_of(home: Home) -> dict[str, str]:
    """The demo's own keys, made at its first start and kept with its data."""
    kept: dict[str, str] | None = home.read("secrets.json")
    if kept is None:
        kept = {
            "secret_key": secrets.token_urlsafe(48),
            "heed_keys": "demo:" + base64.b64encode(os.urandom(32)).decode(),
            "admin_password": secrets.token_urlsafe(9),
            "webhook_secret": new_secret(),
            "twilio_secret": secrets.token_hex(16),
            "sendgrid_secret": _signing_key(),
            "mailchimp_secret": secrets.token_urlsafe(24),
            "salesforce_secret": secrets.token_urlsafe(24),
            "hubspot_secret": secrets.token_hex(18),
        }
        home.write("secrets.json", kept)
    return kept


def is_older(home: Home) -> bool:
    """Was the demo made before there were as many systems, before it sent events, or had a website?"""
    kept, hospital = home.read("secrets.json"), home.read("hospital.json")
    lacks = kept is not None and "twilio_secret" not in kept
    return lacks or (hospital is not None and not {"events_key", "banner_key"} <= hospital.keys())


def webhook_secrets_of(home: Home) -> dict[str, str]:
    """Source slug -> by what its calls to `/inbound/<slug>` are proved; SendGrid's is the key that signs."""
    ending = "_secret"
    kept = secrets_of(home).items()
    return {name.removesuffix(ending): secret for name, secret in kept if name.endswith(ending)}


def _signing_key() -> str:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def environment_of(home: Home, port: int, sandboxes: Mapping[str, str]) -> dict[str, str]:
    """What every process of this demo gets. Set in full, so that a developer's .env has no say."""
    kept = secrets_of(home)
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        MARK: str(home.path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": kept["secret_key"],
        "HEED_KEYS": kept["heed_keys"],
        "DATABASE_URL": f"sqlite:///{quote(str(home.database))}",
        "REDIS_URL": "",
        "DEBUG": "off",
        "HTTPS": "off",
        "BEHIND_PROXY": "off",
        "HSTS_SECONDS": "0",
        "PUBLIC_URL": base_url(port),
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "CSRF_TRUSTED_ORIGINS": f"{base_url(port)},http://localhost:{port}",
        "STATIC_ROOT": str(home.static),
        "STATIC_COMPRESS": "off",  # it takes longer than all else, and the demo's readers are on this machine
        "LOG_LEVEL": "INFO",
        "Q_WORKERS": "2",
        "WEB_BIND": f"{HOST}:{port}",
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
        "EMAIL_URL": f"filemail:///{quote(str(home.mail))}",
        "HEED_ALARM_EMAILS": ALARMED,
        "HEED_SANDBOX_WEBHOOK_SECRET": kept["webhook_secret"],
        "HEED_SANDBOX_BESIDE": str(home.database),
        "HEED_SANDBOX_MAILS": str(home.mail),
        "HEED_SANDBOX_TWILIO_TOKEN": kept["twilio_secret"],
        "HEED_SANDBOX_TWILIO_WEBHOOK": f"{base_url(port)}/inbound/twilio",
        "HEED_PRIVATE_HOSTS": json.dumps(reachable(sandboxes)),
        "HEED_REGION_HEADERS": "CF-IPCountry,CF-Region-Code",  # the website stands in for a CDN
        "HEED_SYSTEMS_URL": systems_url(sandboxes),
    }


def base_url(port: int) -> str:
    """Where the demo answers."""
    return f"http://{HOST}:{port}"


def website_port(port: int) -> int:
    """After Heed's own and those of the sandboxes."""
    return port + SANDBOXES + 1


def website_url(port: int) -> str:
    """The clinic's website, which wears the banner."""
    return f"http://{HOST}:{website_port(port)}"


def systems_url(sandboxes: Mapping[str, str]) -> str:
    """The page that shows what each sandbox system holds about a person."""
    return f"{sandboxes['systems']}/systems" if "systems" in sandboxes else ""


def mailbox_url(sandboxes: Mapping[str, str]) -> str:
    """The page that shows what Heed mailed and texted."""
    return f"{sandboxes['systems']}/mailbox" if "systems" in sandboxes else ""


def first_busy(port: int) -> int | None:
    """The first of the demo's ports that somebody else listens on."""
    return next((each for each in range(port, website_port(port) + 1) if _is_busy(each)), None)


def _is_busy(port: int) -> bool:
    with socket.socket() as attempt:
        # As gunicorn does: a connection that lingers in TIME_WAIT is no neighbour.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return True
    return False


def seen_from_here(directory: Path) -> str:
    """The directory as a person would write it here."""
    return str(directory.relative_to(Path.cwd())) if directory.is_relative_to(Path.cwd()) else str(directory)
