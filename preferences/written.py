"""Values written as JSON: compact, in UTF-8. What the ledger hashes has a form of its own (RFC 8785)."""

import json

import orjson


def written(value: object, *, in_order: bool = False) -> bytes:
    """`in_order`: names are sorted, so that equal values are equal bytes.

    What orjson refuses and readers may send (numbers beyond 64 bits, half of a surrogate pair) is left to
    Python, in ASCII.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if in_order else None)
    except orjson.JSONEncodeError:
        return json.dumps(value, sort_keys=in_order, separators=(",", ":")).encode()
