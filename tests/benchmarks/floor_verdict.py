"""What verdicts are held against: two general engines, and Python as somebody would write it. No Heed in it.

Each is handed the rules as plain dictionaries, and the questions ready made in the form that it likes best.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import cedarpy
import datalogic_py

Body = dict[str, Any]
Asked = Body  # {"out": {"surveys_sms": true}, "state", "event", "properties", "purpose"}
Blocks = Callable[[Any], bool]


def cell(condition: Body) -> str:
    return f"{condition['category']}_{condition['on']}"


# --- datalogic-py: JSONLogic in Rust ---


def datalogic(rules: list[Body]) -> tuple[Blocks, Blocks, Blocks]:
    """Asked with a document that was parsed before, with ready JSON text, and with Python's own values."""
    engine = datalogic_py.Engine()
    rule = engine.compile({"or": [{"and": list(_logic(each))} for each in rules]})
    session = engine.session()

    def parsed(document: datalogic_py.DataHandle) -> bool:
        return session.evaluate_bool(rule, document)

    def text(document: str) -> bool:
        return session.evaluate_str(rule, document) == "true"

    def values(asked: Asked) -> bool:
        return bool(session.evaluate(rule, asked))

    return parsed, text, values


def _logic(rule: Body) -> Iterator[Body]:
    yield {"in": [{"var": "purpose"}, rule["for"]["purposes"]]}
    for each in rule["when"]:
        match each["kind"]:
            case "consent":
                yield {"==": [{"var": f"out.{cell(each)}"}, True]}
            case "property":
                yield {"===": [{"var": f"properties.{each['path']}"}, each["value"]]}
            case kind:
                yield {"in": [{"var": "event" if kind == "event" else "state"}, each["in"]]}


def document(asked: Asked) -> str:
    return json.dumps(asked)


# --- cedarpy: Cedar in Rust ---


def cedar(rules: list[Body]) -> Blocks:
    """Policies and entities parsed before."""
    texts = [f"forbid(principal, action, resource) when {{ {' && '.join(_terms(each))} }};" for each in rules]
    policies = cedarpy.PolicySet.from_str("\n".join(["permit(principal, action, resource);", *texts]))
    entities = cedarpy.Entities.from_json_str("[]")

    def blocks(request: Body) -> bool:
        return not cedarpy.is_authorized(request, policies, entities).allowed

    return blocks


def _terms(rule: Body) -> Iterator[str]:
    yield f"{json.dumps(rule['for']['purposes'])}.contains(context.purpose)"
    for each in rule["when"]:
        match each["kind"]:
            case "consent":
                yield f"context.out.{cell(each)}"
            case "property":
                here = f"context.properties has {each['path']}"
                yield f"{here} && context.properties.{each['path']} == {json.dumps(each['value'])}"
            case kind:
                yield f"{json.dumps(each['in'])}.contains(context.{'event' if kind == 'event' else 'state'})"


def request(asked: Asked) -> Body:
    return {"principal": 'U::"u"', "action": 'Action::"send"', "resource": 'S::"s"', "context": asked}


# --- Python by hand ---


def by_hand(rules: list[Body]) -> Blocks:
    """One condition after the other, the cheapest first, and no rule looked at after one that blocks."""
    plain = [_plain(each) for each in rules]

    def blocks(asked: Asked) -> bool:
        out, state, event = asked["out"], asked["state"], asked["event"]
        properties, purpose = asked["properties"], asked["purpose"]
        for where, choice, path, value, names, states in plain:
            if purpose not in where or not out[choice]:
                continue
            if path and properties.get(path) != value:
                continue
            if (names and event not in names) or (states and state not in states):
                continue
            return True
        return False

    return blocks


def _plain(rule: Body) -> tuple[Any, ...]:
    by_kind = {each["kind"]: each for each in rule["when"]}
    said, place = by_kind.get("property", {}), by_kind.get("jurisdiction", {})
    return (
        frozenset(rule["for"]["purposes"]),
        cell(by_kind["consent"]),
        said.get("path"),
        said.get("value"),
        frozenset(by_kind.get("event", {}).get("in", ())),
        frozenset(place.get("in", ())),
    )


def traced_by_hand(rules: list[Body]) -> Callable[[Asked], list[tuple[str, bool, bool, tuple[bool, ...]]]]:
    """Every rule with each of its conditions: id, is it for this purpose, does it apply, and why."""
    plain = [(each["id"], frozenset(each["for"]["purposes"]), _asked(each)) for each in rules]

    def trace(asked: Asked) -> list[tuple[str, bool, bool, tuple[bool, ...]]]:
        lines = []
        for name, where, conditions in plain:
            truths = []
            for kind, key, values in conditions:
                if kind == "consent":
                    truths.append(asked["out"][key])
                elif kind == "property":
                    truths.append(asked["properties"].get(key) == values)
                else:
                    truths.append(asked[key] in values)
            lines.append((name, asked["purpose"] in where, all(truths), tuple(truths)))
        return lines

    return trace


def _asked(rule: Body) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for each in rule["when"]:
        match each["kind"]:
            case "consent":
                found.append(("consent", cell(each), None))
            case "property":
                found.append(("property", each["path"], each["value"]))
            case kind:
                found.append((kind, "event" if kind == "event" else "state", frozenset(each["in"])))
    return found
