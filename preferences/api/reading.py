"""Reading a body that somebody else wrote: bounded, strict, and never a surprise further in."""

import json
import math
import re
import zlib
from typing import Any, NoReturn

from django.http import HttpRequest, UnreadablePostError

from preferences.api.operations import LARGEST_CALL
from preferences.api.problems import Problem
from preferences.errors import Malformed

DEEPEST = 32
TOO_DEEP = f"the body is nested deeper than {DEEPEST} levels"
GZIP = 16 + zlib.MAX_WBITS
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL keeps no NUL, UTF-8 no lone surrogate

_SUSPICIOUS = re.compile(rb"\\u(?:0000|d[89a-f])")


def read(request: HttpRequest, largest: int = LARGEST_CALL, *, needed: bool = True) -> dict[str, Any]:
    """The JSON object that a request carries. Raises Problem or Malformed, saying what to do."""
    raw = _raw(request, largest)
    if not raw and not needed:
        return {}
    if not raw:
        raise Malformed("the body is empty: send a JSON object")
    _check_type(request)
    body = _unpacked(request, raw, largest)
    try:
        value = _DECODER.decode(body.decode())
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Malformed(
            f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise Malformed(TOO_DEEP) from None
    except ValueError:
        raise Malformed("the body holds a number that is too long") from None
    if not isinstance(value, dict):
        raise Malformed("the body must be a JSON object: {…}")
    return value


def check(value: object, levels: int = DEEPEST) -> None:
    """Raises Malformed where something nested in here could not be kept as it is."""
    if isinstance(value, str):
        readable(value)
    elif isinstance(value, dict | list):
        if not levels:
            raise Malformed(TOO_DEEP)
        for item in value:
            check(item, levels - 1)
        if isinstance(value, dict):
            for item in value.values():
                check(item, levels - 1)


def check_written(value: object, written: bytes) -> None:
    """The same where its JSON is at hand (`written`): looked into only if that may hold something."""
    if written.count(b"{") + written.count(b"[") > DEEPEST or _SUSPICIOUS.search(written):
        check(value)


def readable(text: str) -> str:
    """The same text. Raises Malformed where it holds what is no character."""
    if _UNKEEPABLE.search(text):
        raise Malformed("a text holds a NUL character or half of a surrogate pair")
    return text


def _check_type(request: HttpRequest) -> None:
    kind = request.content_type or ""
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if not (kind == "application/json" or kind.endswith("+json")) or charset not in ("utf-8", "utf8"):
        raise Problem("wrong_content_type", "send Content-Type: application/json, in UTF-8")


def _raw(request: HttpRequest, largest: int) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise Problem("length_required", "send Content-Length instead of a chunked body")
    if length.isdecimal() and int(length) > largest:
        raise _too_large(largest)
    try:
        body = request.read(largest + 1)
    except UnreadablePostError:
        raise Malformed("the body broke off") from None
    if len(body) > largest:
        raise _too_large(largest)
    return body


def _unpacked(request: HttpRequest, body: bytes, largest: int) -> bytes:
    match request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _gunzip(body, largest)
    raise Problem("wrong_content_type", "send the body as it is, or Content-Encoding: gzip")


def _gunzip(body: bytes, largest: int) -> bytes:
    """Never more than is allowed is unpacked, whatever the body would grow to."""
    unpacking = zlib.decompressobj(GZIP)
    try:
        unpacked = unpacking.decompress(body, largest + 1)
    except zlib.error:
        raise Malformed("the body is not gzip, as Content-Encoding says") from None
    if len(unpacked) > largest:
        raise _too_large(largest)
    if not unpacking.eof or unpacking.unused_data:
        raise Malformed("the gzip body is cut off, or followed by something else")
    return unpacked


def _too_large(largest: int) -> Problem:
    return Problem("too_large", f"send at most {largest // 1024} KB at a time", limit=largest)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two values under one name a reader may take either (RFC 8259, section 4): one could be an opt-out.
    named = dict(pairs)
    if len(named) < len(pairs):
        raise Malformed("a name stands twice in one object")
    return named


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_json(text)


def _no_json(text: str) -> NoReturn:
    raise Malformed(f"{text[:20]} is no number in JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=_finite, parse_constant=_no_json)
