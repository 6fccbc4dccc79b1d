"""The part of SOQL that a sync needs, compiled to SQL over the document store.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from destinations.sandbox.store import column

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign>!=|<=|>=|[=<>(),]))"
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
COMPARISONS = {"=": "IS", "!=": "IS NOT", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
CONSTANTS: dict[str, object] = {"null": None, "true": True, "false": False}

FieldNames = dict[str, str]  # lower case -> as declared
Condition = tuple[str, list[object]]
Token = tuple[str, str]
Value = TypeVar("Value")


class Refused(Exception):
    """A query that Salesforce would refuse, with its errorCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Query:
    """A query that was understood: object, fields as declared, and the condition in SQL."""

    type: str
    fields: list[str]
    condition: str
    values: list[object]
    limit: int | None


def understood(soql: str, objects: dict[str, FieldNames]) -> Query:
    """Read `SELECT fields FROM object [WHERE condition] [LIMIT n]`."""
    return Reader(tokens(soql), objects).query()


def tokens(soql: str) -> list[Token]:
    """(kind, text) of every word and sign."""
    found, at, end = [], 0, len(soql.rstrip())
    while at < end:
        match = TOKEN.match(soql, at)
        if not match or not match.lastgroup:
            raise Refused("MALFORMED_QUERY", f"unexpected token: '{soql[at:].split(maxsplit=1)[0]}'")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class Reader:
    """Recursive descent over the words of one query."""

    def __init__(self, words: list[Token], objects: dict[str, FieldNames]) -> None:
        self.words, self.at, self.objects = words, 0, objects
        self.type, self.names = "", FieldNames()

    def query(self) -> Query:
        self.expect("SELECT")
        fields = self.listed(lambda: self.take("word"))
        self.expect("FROM")
        self.type = self.object(self.take("word"))
        self.names = self.objects[self.type]
        condition, values = self.condition() if self.accept("WHERE") else ("1", [])
        limit = int(self.take("number")) if self.accept("LIMIT") else None
        if self.at < len(self.words):
            raise self.unexpected()
        return Query(self.type, [self.field(name) for name in fields], condition, values, limit)

    def condition(self) -> Condition:
        """Terms joined by AND, or by OR: Salesforce refuses a mixture without parentheses."""
        sql, values = self.term()
        joiner = self.peek() if self.peek() in {"AND", "OR"} else ""
        while joiner and self.accept(joiner):
            more, others = self.term()
            sql, values = f"{sql} {joiner} {more}", values + others
        if self.peek() in {"AND", "OR"}:
            raise self.unexpected()
        return sql, values

    def term(self) -> Condition:
        if self.accept("("):
            sql, values = self.condition()
            self.expect(")")
            return f"({sql})", values
        field = column(self.field(self.take("word")))
        if self.accept("IN"):
            self.expect("(")
            values = self.listed(self.value)
            self.expect(")")
            return f"{field} IN ({', '.join('?' * len(values))})", values
        sign = self.peek()
        if sign not in COMPARISONS:
            raise self.unexpected()
        self.at += 1
        return f"{field} {COMPARISONS[sign]} ?", [self.value()]

    def value(self) -> object:
        kind, text = self.words[self.at] if self.at < len(self.words) else ("end", "")
        self.at += 1
        if kind == "text":
            return re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[1]), text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "moment":
            return text.replace("Z", ".000+0000") if "." not in text else text.replace("Z", "+0000")
        if kind == "word" and text.lower() in CONSTANTS:
            return CONSTANTS[text.lower()]
        self.at -= 1
        raise self.unexpected()

    def listed(self, one: Callable[[], Value]) -> list[Value]:
        found = [one()]
        while self.accept(","):
            found.append(one())
        return found

    def object(self, name: str) -> str:
        for declared in self.objects:
            if declared.lower() == name.lower():
                return declared
        raise Refused("INVALID_TYPE", f"sObject type '{name}' is not supported.")

    def field(self, name: str) -> str:
        if name.lower() in self.names:
            return self.names[name.lower()]
        advice = "If you are attempting to use a custom field, be sure to append the '__c' after the name."
        raise Refused("INVALID_FIELD", f"No such column '{name}' on entity '{self.type}'. {advice}")

    def peek(self) -> str:
        return self.words[self.at][1].upper() if self.at < len(self.words) else ""

    def accept(self, word: str) -> bool:
        found = self.peek() == word
        self.at += found
        return found

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise self.unexpected()

    def take(self, kind: str) -> str:
        if self.at >= len(self.words) or self.words[self.at][0] != kind:
            raise self.unexpected()
        self.at += 1
        return self.words[self.at - 1][1]

    def unexpected(self) -> Refused:
        token = self.words[self.at][1] if self.at < len(self.words) else "<EOF>"
        return Refused("MALFORMED_QUERY", f"unexpected token: '{token}'")
