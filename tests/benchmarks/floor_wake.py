"""The floor of `to_the_last`: django-q wakes a worker, whose task makes one POST. It knows nothing of Heed.

`python -m tests.benchmarks.floor_wake prepare` makes its tables, `… cluster` works, `… ask 100` asks so often
and prints, in milliseconds, how long each took from just before `async_task` to the answer. Told by its
environment: FLOOR_DATABASE (a URL), FLOOR_ANSWERS (a file), FLOOR_STUB (where to POST). The queue is set
up as Heed sets up its own.
"""

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import requests
from django.conf import settings
from django.core.management import call_command

LONGEST = 30.0


def configure() -> None:
    """A Django with nothing in it but the queue, on the same kind of database."""
    url = os.environ["FLOOR_DATABASE"]
    where = urlsplit(url)
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": where.path[1:],
        "USER": where.username,
    }
    database |= {"HOST": where.hostname, "PORT": str(where.port), "CONN_MAX_AGE": 600}
    if where.scheme == "sqlite":
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///")}
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
        database["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
    settings.configure(
        SECRET_KEY="a floor: not a secret",
        INSTALLED_APPS=["django_q"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        Q_CLUSTER={
            "name": "floor",
            "workers": 2,
            "poll": 0.1,
            "bulk": 10,
            "queue_limit": 20,
            "timeout": 60,
            "retry": 120,
            "save_limit": -1,
            "guard_cycle": 1,
            "orm": "default",
        },
    )
    django.setup()


def task(asked: float) -> None:
    """Woken: one POST, and when its answer was there."""
    woken = time.time()
    requests.post(os.environ["FLOOR_STUB"], json={"email": "p1@example.org", "wanted": False}, timeout=10)
    with Path(os.environ["FLOOR_ANSWERS"]).open("a") as answers:
        answers.write(json.dumps([woken - asked, time.time() - asked]) + "\n")


def ask(count: int) -> list[float]:
    """One after the other, at moments that have nothing to do with the queue's polling."""
    from django_q.tasks import async_task  # noqa: PLC0415 - needs Django configured

    answers = Path(os.environ["FLOOR_ANSWERS"])
    answers.write_text("")
    for number in range(count):
        time.sleep(random.uniform(0.02, 0.12))
        async_task("tests.benchmarks.floor_wake.task", time.time())
        end = time.monotonic() + LONGEST
        while len(answers.read_text().splitlines()) <= number:
            if time.monotonic() > end:
                raise TimeoutError("the queue did not wake anybody")
            time.sleep(0.005)
    return [json.loads(line)[1] * 1000 for line in answers.read_text().splitlines()]


if __name__ == "__main__":
    configure()
    if sys.argv[1] == "prepare":
        call_command("migrate", verbosity=0)
    elif sys.argv[1] == "cluster":
        call_command("qcluster")
    else:
        sys.stdout.write(json.dumps(ask(int(sys.argv[2]))) + "\n")
