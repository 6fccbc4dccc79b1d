"""What a method of a route is: declared once beside its view, enforced by the door, published as OpenAPI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from preferences.api.schemas import Schema
from preferences.terms import Scope

LARGEST_CALL = 32 * 1024
JSON = "application/json"


SOMEBODY = "0b1e6f0e-6c0f-4a51-9a52-2f6f6c2b7a10"  # in examples


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a route: who may call it, what it takes, and what it answers.

    `example` is a body that works as it stands, `shown` what comes of it. `once`: it knows Idempotency-Key.
    `etag`: its answer has one. `problems` are the codes beyond those that follow from all this.
    """

    summary: str
    scopes: frozenset[Scope]
    answer: Schema
    shown: Any
    body: Schema | None = None
    example: Mapping[str, Any] | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    largest: int = LARGEST_CALL
    needs_body: bool = True
    once: bool = False
    etag: bool = False
    problems: frozenset[str] = frozenset()
    takes: tuple[str, ...] = (JSON,)
    gives: tuple[str, ...] = (JSON,)
