"""A rule's body, to and from what its form holds. Pure.

The second condition's category is called `c1-category`, the first redaction's way `r0-how`: counted from 0.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol

from governance.terms import ANY, ConditionKind, Effect, How, Is, Op, PropertyClass

Body = dict[str, Any]
OF_CLASS = "class:"  # before a class, where a redaction is of all that belongs to it


class Posted(Protocol):
    """What a form sent, Django's QueryDict for one."""

    def get(self, key: str, default: Any = None, /) -> Any: ...

    def getlist(self, key: str, /) -> list[Any]: ...


def rule_from_form(posted: Posted, slug: str, data_uses: Collection[str]) -> Body:
    """What the form says; what is missing stays so, for the check to name."""
    effect = posted.get("effect", "") or Effect.BLOCK.value
    then: Body = {"effect": effect}
    if effect == Effect.REDACT:
        then["redactions"] = list(_redactions(posted))
    return {
        "id": slug,
        "name": posted.get("name", "").strip(),
        "on": bool(posted.get("on")),
        "when": list(_conditions(posted, data_uses)),
        "then": then,
        "for": {"purposes": posted.getlist("purposes"), "destinations": posted.getlist("destinations")},
    }


def _conditions(posted: Posted, data_uses: Collection[str]) -> Iterator[Body]:
    for number in count():
        kind = posted.get(f"c{number}-kind")
        if kind is None:
            return
        if kind in READ:
            yield {"kind": kind, **READ[kind](posted, f"c{number}-", data_uses)}


def _consent(posted: Posted, start: str, data_uses: Collection[str]) -> Body:
    category = posted.get(f"{start}category", "")
    on = "" if category in data_uses else posted.get(f"{start}on", "") or ANY
    return {"category": category, "on": on, "is": posted.get(f"{start}is", "")}


def _jurisdiction(posted: Posted, start: str, data_uses: Collection[str]) -> Body:
    typed = posted.get(f"{start}in", "").upper().replace(";", ",").replace("\n", ",")
    return {"in": [each.strip() for each in typed.split(",") if each.strip()]}


def _restriction(posted: Posted, start: str, data_uses: Collection[str]) -> Body:
    return {"present": posted.getlist(f"{start}present")}


def _event(posted: Posted, start: str, data_uses: Collection[str]) -> Body:
    return {"in": posted.getlist(f"{start}in")}


def _property(posted: Posted, start: str, data_uses: Collection[str]) -> Body:
    op, path = posted.get(f"{start}op", ""), posted.get(f"{start}path", "").strip()
    typed = [line.strip() for line in posted.get(f"{start}values", "").splitlines() if line.strip()]
    if op == Op.PRESENT:
        return {"path": path, "op": op}
    if op == Op.EQUALS and len(typed) == 1:
        return {"path": path, "op": op, "value": typed[0]}
    return {"path": path, "op": Op.ONE_OF.value if len(typed) > 1 else op, "values": typed}


def _class(posted: Posted, start: str, data_uses: Collection[str]) -> Body:
    return {"carries": posted.get(f"{start}carries", "")}


READ: Mapping[str, Callable[[Posted, str, Collection[str]], Body]] = {
    ConditionKind.CONSENT: _consent,
    ConditionKind.JURISDICTION: _jurisdiction,
    ConditionKind.RESTRICTION: _restriction,
    ConditionKind.EVENT: _event,
    ConditionKind.PROPERTY: _property,
    ConditionKind.CLASS: _class,
}
NEW: Mapping[str, Body] = {
    ConditionKind.CONSENT: {"category": "", "on": ANY, "is": Is.OPTED_OUT.value},
    ConditionKind.JURISDICTION: {"in": []},
    ConditionKind.RESTRICTION: {"present": []},
    ConditionKind.EVENT: {"in": []},
    ConditionKind.PROPERTY: {"path": "", "op": Op.EQUALS.value, "values": []},
    ConditionKind.CLASS: {"carries": PropertyClass.HEALTH.value},
}


def _redactions(posted: Posted) -> Iterator[Body]:
    for number in count():
        what = posted.get(f"r{number}-what")
        if what is None:
            return
        how, keep = posted.get(f"r{number}-how", ""), posted.get(f"r{number}-keep", "").strip()
        of = {"class": what.removeprefix(OF_CLASS)} if what.startswith(OF_CLASS) else {"property": what}
        kept = {"keep": int(keep) if keep.isdecimal() else 0} if how == How.TRUNCATE else {}
        yield {**of, "how": how, **kept}


# --- what the buttons do ---


def changed(body: Body, act: str, kind: str) -> Body:
    """The body after a button was pressed: `condition`, `uncondition:1`, `redaction`, `unredaction:0`."""
    name, _, number = act.partition(":")
    when, redactions = body["when"], body["then"].get("redactions", [])
    match name:
        case "condition" if kind in NEW:
            return {**body, "when": [*when, {"kind": kind, **NEW[kind]}]}
        case "uncondition" if number.isdecimal():
            return {**body, "when": _without(when, int(number))}
        case "redaction":
            more = [*redactions, {"property": "", "how": How.DROP.value}]
            return {**body, "then": {"effect": Effect.REDACT.value, "redactions": more}}
        case "unredaction" if number.isdecimal():
            return {**body, "then": {**body["then"], "redactions": _without(redactions, int(number))}}
    return body


def _without(listed: Sequence[Any], at: int) -> list[Any]:
    return [*listed[:at], *listed[at + 1 :]]
