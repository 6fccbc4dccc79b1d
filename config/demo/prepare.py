"""What a demo does inside Django before it serves. It is told what to do by its environment."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django_q.tasks import async_task

from config.demo import banner, hospital
from config.demo.environment import ADMIN, MARK
from config.demo.home import Home


def say(words: str) -> None:
    """A line of progress."""
    sys.stdout.write(f"  {words}\n")
    sys.stdout.flush()


def prepare() -> None:
    """Migrate, fill an empty hospital, connect it to its sandboxes, collect static files."""
    say("Preparing the database")
    call_command("migrate", interactive=False, verbosity=0)
    if _static_files_are_stale():
        say("Collecting stylesheets and scripts")
        call_command("collectstatic", interactive=False, verbosity=0)
    live_in(Home(Path(os.environ[MARK])))


def live_in(home: Home) -> None:
    """Fill the hospital if it is empty, and open it for this run."""
    secrets = json.loads(os.environ["HEED_DEMO_WEBHOOK_SECRETS"])
    found = _hospital(home, secrets)
    banner.hang_out(os.environ["HEED_DEMO_SITE"])
    hospital.connect(json.loads(os.environ["HEED_DEMO_SANDBOXES"]), secrets, progress=say)
    _let_admin_in(os.environ["HEED_DEMO_ADMIN_PASSWORD"])
    async_task("destinations.tasks.propagate")  # the worker's first task: it shows that it runs
    # Written last: its absence says that the preparation did not end well.
    home.write("hospital.json", {**asdict(found), "patient_path": hospital.patient_path(found)})


def _hospital(home: Home, secrets: Mapping[str, str]) -> hospital.Hospital:
    kept = home.read("hospital.json")
    if kept is None:
        patients = int(os.environ["HEED_DEMO_PATIENTS"])
        return hospital.seed(patients=patients, secrets=secrets, progress=say)
    say("Going on with the data of last time (--reset starts over)")
    kept.pop("patient_path")
    return hospital.Hospital(**kept)


def _let_admin_in(password: str) -> None:
    admin, _ = get_user_model()._default_manager.get_or_create(
        username=ADMIN, defaults={"is_staff": True, "is_superuser": True}
    )
    if not admin.check_password(password):
        admin.set_password(password)
        admin.save(update_fields=["password"])


def _static_files_are_stale() -> bool:
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    directories = [settings.BASE_DIR / "static", *settings.BASE_DIR.glob("*/static")]
    sources = [path for directory in directories for path in Path(directory).rglob("*")]
    sources.append(settings.BASE_DIR / "requirements.txt")  # other packages bring other files
    return any(source.stat().st_mtime > manifest.stat().st_mtime for source in sources)
