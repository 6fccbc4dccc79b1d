"""Tests that bring an SQLite installation of their own: on PostgreSQL they would only be repeated."""

import os

import pytest

once = pytest.mark.skipif(
    os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="it brings an SQLite installation of its own: the run on SQLite has tried it",
)
