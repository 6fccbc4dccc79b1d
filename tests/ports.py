"""Neighbouring ports for the programs of a test."""

import os
import socket
from contextlib import suppress

FIRST, SLOTS, SLOT, STEP = 20_000, 500, 24, 50  # below those that the system gives out by itself


def free_ports(count: int) -> int:
    """The first of so many in a row, at most 24, that nobody listens on.

    Each process looks from a place of its own: of two at once, both would find the same ones free.
    """
    for further in range(0, SLOTS, STEP):
        first = FIRST + (os.getpid() + further) % SLOTS * SLOT
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise AssertionError("no free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt, suppress(OSError):
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as whoever serves there does
        attempt.bind(("127.0.0.1", port))
        return True
    return False
