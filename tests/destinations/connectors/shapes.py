"""Does what is said have the shape of an example from the vendor's documentation?"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

ANY_NAME = "*"  # in an example: names of the customer's own (fields, groups) stand here
KINDS = ((bool,), (int, float), (str,), (list,), (dict,))


def strays(said: Any, shown: Any, at: str = "") -> Iterator[str]:
    """Where it has what the example has not; null in an example stands for anything."""
    if shown is None or (said is None and at):
        return
    if kind_of(said) != kind_of(shown):
        yield f"{at or 'all of it'} is {type(said).__name__}, not {type(shown).__name__}"
    elif isinstance(said, Mapping):
        for name, value in said.items():
            known = shown.get(name, shown.get(ANY_NAME, KeyError))
            yield from (
                [f"{at}.{name} is unknown"] if known is KeyError else strays(value, known, f"{at}.{name}")
            )
    elif isinstance(said, list):
        for each in said:
            found = [list(strays(each, example, f"{at}[]")) for example in shown]
            yield from min(found, key=len, default=[])


def kind_of(value: Any) -> tuple[type, ...]:
    return next(kind for kind in KINDS if isinstance(value, kind))


def tags(text: str) -> set[str]:
    """The names of an XML message's elements."""
    return set(re.findall(r"<(?:\w+:)?(\w+)", text))


def strays_of_call(call: Any, fixture: Mapping[str, Any]) -> list[str]:
    """What of a call the documented one has not."""
    found = list(strays(dict(call.params), fixture.get("params", {}), "params"))
    found += strays(dict(call.form or {}), fixture.get("form", {}), "form")
    body = (call.body or b"").decode()
    if "text" in fixture:
        return found + sorted(tags(body) - tags(fixture["text"]))
    said = call.json if call.json is not None else json.loads(body or "null")
    if said is None and "json" not in fixture:
        return found
    return found + list(strays(said, fixture.get("json", {})))


def strays_of_answer(body: bytes, fixture: Mapping[str, Any]) -> list[str]:
    """What of an answer the documented one has not."""
    shown = fixture["answer"]
    if "text" in shown:
        return sorted(tags(body.decode()) - tags(shown["text"])) if shown["text"].startswith("<") else []
    return list(strays(json.loads(body), shown.get("json"))) if body else []
