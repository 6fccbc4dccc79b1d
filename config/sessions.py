"""Sessions in the database, of which two requests at once each write only what they changed.

Django writes a session back whole, as it was when the request began: of two at once the slower one undoes
what the other did. A page that loads slowly would turn somebody back to their own page from that of their
child, and what they fill in for the child would be saved for themselves.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet


class SessionStore(db.SessionStore):
    """Django's own, but for how it is written over."""

    _kept = ""  # as it stood in the database when it was read, or as it was written first

    def _validate_session_key(self, key: str) -> bool:
        """Of the letters that Django takes: a cookie may hold any, and PostgreSQL is asked for no NUL."""
        return bool(super()._validate_session_key(key) and key.isascii() and key.isalnum())  # type: ignore[misc]

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        self._kept = row.session_data if row else ""
        found: dict[str, Any] = self.decode(self._kept) if row else {}
        return found

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        self._kept = row.session_data
        return row

    def save(self, must_create: bool = False) -> None:
        """Write over what is there. Raises UpdateError where the session was ended meanwhile."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = Session.objects.filter(pk=self.session_key)
        now = dict(self.items())  # first: it is read here where nobody has looked into it yet
        before = self.decode(self._kept)
        changed = {name: value for name, value in now.items() if name not in before or before[name] != value}
        gone = before.keys() - now.keys()
        if not (changed or gone):
            written = row.update(expire_date=self.get_expiry_date())
        else:
            written = self._write(row.filter(session_data=self._kept), now) or self._merge(row, changed, gone)
        if not written:
            raise UpdateError

    def _merge(self, row: QuerySet[Session], changed: dict[str, Any], gone: set[str]) -> int:
        with transaction.atomic():
            stands = row.select_for_update().first()
            if stands is None:
                return 0
            kept = {name: value for name, value in stands.get_decoded().items() if name not in gone}
            return self._write(row, kept | changed)

    def _write(self, row: QuerySet[Session], data: dict[str, Any]) -> int:
        return int(row.update(session_data=self.encode(data), expire_date=self.get_expiry_date()))
