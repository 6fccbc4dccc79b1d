"""The directory of one demo: what is in it, who uses it now, how to start over. For its owner only."""

import fcntl
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS = (
    *("lock", "groups.json", "secrets.json", "hospital.json", "environment.json", "heed.sqlite3"),
    *("sandbox", "static", "logs", "mail"),
)


class NotOurs(Exception):
    """The directory holds something else: nothing may be written or deleted there."""


class NobodyLives(Exception):
    """No demo was started in the directory yet."""


class InUse(Exception):
    """Another demo runs on the directory."""


@dataclass
class Home:
    """One demo's directory."""

    path: Path
    _lock: int | None = field(default=None, repr=False)

    @property
    def database(self) -> Path:
        """The demo's SQLite file."""
        return self.path / "heed.sqlite3"

    @property
    def sandbox(self) -> Path:
        """What the sandbox systems remember."""
        return self.path / "sandbox"

    @property
    def static(self) -> Path:
        """Collected stylesheets and scripts."""
        return self.path / "static"

    @property
    def mail(self) -> Path:
        """The mails that Heed sends, one file each."""
        return self.path / "mail"

    def log(self, program: str) -> Path:
        """Where one program writes."""
        return self.path / "logs" / f"{program}.log"

    def exists(self) -> bool:
        """Whether a demo lives here. Raises NotOurs for a directory of somebody else's."""
        if not self.path.exists():
            return False
        if not self.path.is_dir() or (any(self.path.iterdir()) and not (self.path / "lock").exists()):
            raise NotOurs(f"{self.path} holds something else: name an empty or a new directory with --data.")
        return (self.path / "lock").exists()

    def move_in(self, *, anew: bool = False) -> None:
        """Make the directories, and keep others out until we end, however we end. Raises InUse."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        if self._lock is None:
            self.lock()
        if anew:
            self._empty()
        for directory in (self.sandbox, self.static, self.mail, self.path / "logs"):
            directory.mkdir(mode=0o700, exist_ok=True)

    def lock(self) -> None:
        """The kernel gives the lock up when we end, by kill -9 too, so it never goes stale. Raises InUse."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise InUse(f"a demo is running on {self.path}: stop it first (Ctrl-C where it runs).") from None
        self._lock = lock

    def _empty(self) -> None:
        """Delete what a demo writes, and only that; the lock stays ours."""
        for name in OURS[1:]:
            for found in self.path.glob(f"{name}*"):
                _remove(found)

    def begin_anew(self) -> None:
        """Forget people and what systems were told; keys and log-ins stay."""
        for found in [*self.path.glob("heed.sqlite3*"), *self.sandbox.iterdir()]:
            _remove(found)

    def read(self, name: str) -> Any:
        """A JSON file of ours, None where it is missing."""
        with suppress(FileNotFoundError):
            return json.loads((self.path / name).read_text())
        return None

    def write(self, name: str, content: object) -> None:
        """Write a JSON file of ours, whole or not at all."""
        write_whole(self.path / name, content)


def _remove(found: Path) -> None:
    shutil.rmtree(found) if found.is_dir() else found.unlink()


def write_whole(path: Path, content: object) -> None:
    """Nobody but its owner reads it, and nobody finds half of it."""
    draft = path.with_name(f".{path.name}.draft")
    with open(draft, "w", opener=_for_owner_only) as file:
        json.dump(content, file, indent=2)
        file.write("\n")
    draft.chmod(0o600)
    draft.replace(path)


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
