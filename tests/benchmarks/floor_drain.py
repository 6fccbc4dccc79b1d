"""The floor of `drain`: the same calls by `requests` alone, over as many threads. No Heed in it."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import requests

Call = tuple[str, str, dict[str, str], str]  # method, path, headers, body


def replay(calls: Sequence[Call], base: str, threads: int) -> float:
    """Seconds for all of them, each thread with a session of its own."""
    turn = count()

    def work() -> None:
        with requests.Session() as session:
            session.trust_env = False  # else every call looks for proxies and .netrc
            while (number := next(turn)) < len(calls):
                method, path, headers, body = calls[number]
                session.request(method, base + path, headers=headers, data=body.encode(), timeout=30).content  # noqa: B018

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
    return time.perf_counter() - started
