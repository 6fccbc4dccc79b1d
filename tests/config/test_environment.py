"""A setting that was mistyped is no other setting."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment


@pytest.fixture
def env(monkeypatch):
    def read(kind, value):
        monkeypatch.setenv("HTTPS", value)
        return getattr(Environment(), kind)("HTTPS", default=None)

    return read


@pytest.mark.parametrize(
    ("value", "expected"),
    [("on", True), ("On ", True), ("true", True), ("1", True), ("yes", True)]
    + [("off", False), ("False", False), ("0", False), ("no", False)],
)
def test_on_and_off_may_be_said_in_many_ways(env, value, expected):
    assert env("bool", value) is expected


@pytest.mark.parametrize("value", ["enabled", "of", "", "2"])
def test_what_is_neither_on_nor_off_is_refused_and_not_taken_for_off(env, value):
    with pytest.raises(ImproperlyConfigured, match="HTTPS must be on or off"):
        env("bool", value)


@pytest.mark.parametrize(
    ("kind", "value"), [("int", "a-secret"), ("float", "a-secret"), ("json", "{a-secret")]
)
def test_what_cannot_be_read_is_named_and_not_shown(env, kind, value):
    with pytest.raises(ImproperlyConfigured, match="HTTPS can't be read") as refused:
        env(kind, value)

    assert "secret" not in str(refused.value)


def test_what_is_not_set_has_its_default(monkeypatch):
    monkeypatch.delenv("HTTPS", raising=False)

    assert Environment().bool("HTTPS", default=True) is True
