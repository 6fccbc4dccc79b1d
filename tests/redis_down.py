"""Redis where nobody answers."""

import pytest


@pytest.fixture
def redis_down(settings):
    """The cache stands at a port where nothing listens."""
    nowhere = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": nowhere}
