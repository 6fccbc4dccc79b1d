"""manage.py as in production: nothing from .env or the caller's settings, secrets made for the occasion."""

import base64
import os
import secrets
import subprocess
import sys

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")


def environment() -> dict[str, str]:
    """What an operator sets, and nothing else."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "DEBUG": "off",
        "HTTPS": "on",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "HEED_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode(),
        "PUBLIC_URL": "https://preferences.example.org",
        "ALLOWED_HOSTS": "preferences.example.org",
        "DATABASE_URL": "sqlite:///:memory:",
    }


if __name__ == "__main__":
    command = [sys.executable, "-W", "error", "manage.py", *sys.argv[1:]]
    sys.exit(subprocess.run(command, env=environment(), check=False).returncode)
