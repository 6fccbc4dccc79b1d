"""One benchmark's surroundings: a directory, a database, servers, and the environment for all."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg

from config.demo.environment import INHERITED
from destinations.sandbox.webhook import new_secret
from tests.benchmarks.listed import POSTGRESQL, SQLITE_NORMAL, WORDS, Benchmark
from tests.benchmarks.processes import announced, process

SERVER = os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432")
HANGING = 3  # one more than the workers of a qcluster


@dataclass(frozen=True, slots=True)
class Scene:
    """What a benchmark finds."""

    database: str
    directory: Path
    environment: dict[str, str]
    urls: dict[str, str]  # sandboxes by slug, `stub`, `hang`
    quick: bool
    rounds: int

    @property
    def on(self) -> str:
        return WORDS[self.database]

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    @contextmanager
    def another_database(self) -> Iterator[str]:
        """An empty one of the same kind, for a floor."""
        with database(self.database, self.directory, "floor") as url:
            yield url


@contextmanager
def scene(benchmark: Benchmark, kind: str, *, quick: bool, rounds: int) -> Iterator[Scene]:
    """Everything but Django, whose settings read the environment once; gone afterwards."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="heed-bench-")))
        url = stack.enter_context(database(kind, directory, "heed"))
        secret = new_secret()
        urls: dict[str, str] = {}
        if benchmark.sandboxes:
            urls |= stack.enter_context(_sandboxes(directory / "sandbox", secret))
            hanging = stack.enter_context(_sandboxes(directory / "hanging", secret))
            urls |= {"hang": hanging["webhook"]}
        if benchmark.stub:
            urls |= stack.enter_context(_stub(directory))
        yield Scene(kind, directory, _environment(kind, url, urls, directory, secret), urls, quick, rounds)


@contextmanager
def database(kind: str, directory: Path, name: str) -> Iterator[str]:
    """The URL of an empty database."""
    if kind != POSTGRESQL:
        yield f"sqlite:///{directory / name}.sqlite3"
        return
    own = f"heed_bench_{os.getpid()}_{name}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {own}")
    try:
        yield f"{SERVER}/{own}"
    finally:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
            server.execute(f"DROP DATABASE {own} WITH (FORCE)")


@contextmanager
def _sandboxes(data: Path, secret: str) -> Iterator[dict[str, str]]:
    data.mkdir()
    known = _inherited() | {"HEED_SANDBOX_WEBHOOK_SECRET": secret}
    with process(["-m", "destinations.sandbox", "--data", str(data)], known, data / "log"):
        yield announced(data / "log")


@contextmanager
def _stub(directory: Path) -> Iterator[dict[str, str]]:
    with process(["-m", "tests.benchmarks.stub"], _inherited(), directory / "stub.log"):
        yield announced(directory / "stub.log")


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def _environment(kind: str, url: str, urls: dict[str, str], directory: Path, secret: str) -> dict[str, str]:
    """As an operator would set it; API_THROTTLE is raised, so that one key may load the whole machine."""
    hosts = {slug: [urlsplit(place).netloc] for slug, place in urls.items()}
    hosts |= {f"hang{number}": hosts["hang"] for number in range(HANGING) if "hang" in hosts}
    if "stub" in hosts:
        hosts = dict.fromkeys(("webhook", "sendgrid", "segment"), hosts["stub"]) | hosts
    return _inherited() | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "benchmarks only: not a secret",
        "HEED_KEYS": "bench:" + base64.b64encode(os.urandom(32)).decode(),
        "DATABASE_URL": url,
        "SQLITE_SYNCHRONOUS": "NORMAL" if kind == SQLITE_NORMAL else "FULL",
        "REDIS_URL": "",
        "DEBUG": "off",
        "HTTPS": "off",
        "PUBLIC_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_ROOT": str(directory / "static"),
        "API_THROTTLE": "10000000/minute",
        "HEED_PRIVATE_HOSTS": json.dumps(hosts),
        "HEED_SANDBOX_WEBHOOK_SECRET": secret,
    }
