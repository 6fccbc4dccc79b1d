"""How often something was asked for, in windows by the clock: numbers in the cache (decision 7).

A limit keeps somebody from asking without end; it is no reason to refuse an opt-out. So where the cache does
not answer nothing is counted and everybody is let through, and the log says so.
"""

import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def counted(name: str, seconds: int) -> int:
    """How often it happened in this window of so many seconds, this time too; 0 where nobody knows."""
    window = _window(name, seconds)
    try:
        return _incremented(window, seconds)
    except RedisError as problem:
        log.error("limits.not_counted", extra={"error": type(problem).__name__})
        return 0


def uncounted(name: str, seconds: int) -> None:
    """What was counted last turned out not to be one."""
    try:
        cache.decr(_window(name, seconds))
    except ValueError:
        return  # the next window has begun
    except RedisError as problem:
        log.error("limits.not_counted", extra={"error": type(problem).__name__})


def ends_in(seconds: int) -> int:
    """The seconds until the next window begins."""
    return seconds - int(time.time() % seconds)


def _window(name: str, seconds: int) -> str:
    return f"{name}:{int(time.time() // seconds)}"


def _incremented(window: str, seconds: int) -> int:
    try:
        return int(cache.incr(window))
    except ValueError:  # the first one
        return 1 if cache.add(window, 1, timeout=2 * seconds) else int(cache.incr(window))
