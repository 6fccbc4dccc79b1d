"""The test database on SQLite is a file: each thread of a live server has a connection of its own, as in use.

One in memory is shared by all threads, whose transactions mix, and a reader fails at once with "table is
locked" (https://sqlite.org/sharedcache.html) where a file's reader never waits for a writer.
"""

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """pytest-django asks for this before it makes the test database."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "heed.sqlite3")
