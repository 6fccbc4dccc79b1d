"""The semantics of docs/governance.md, word by word, slow and obvious. It shares no code with Heed.

It reads a policy's body and a person as plain dictionaries:
{"consents": {category: {channel: "+i"}}, "jurisdictions": [...], "restrictions": [...]}.
"""

from dataclasses import dataclass
from typing import Any

Dict = dict[str, Any]
YES, NO, UNKNOWN, GONE = "yes", "no", "unknown", "gone"


@dataclass(frozen=True)
class Event:
    """An event as it came, and what the allow list says of it."""

    name: str
    is_health: bool
    categories: list[str]
    listed: dict[str, str]
    properties: Dict

    def came(self) -> Dict:
        return {path: value for path, value in self.properties.items() if path in self.listed}

    def carries(self, kind: str) -> bool:
        return any(self.listed[path] == kind for path in self.came())


@dataclass(frozen=True)
class System:
    slug: str
    purpose: str
    has_agreement: bool


@dataclass(frozen=True)
class Answer:
    outcome: str
    because: str
    rules: set[str]
    redactions: dict[str, tuple[str, int]]


def answer(policy: Dict, event: Event, person: Dict, system: System) -> Answer:
    applying = [
        rule
        for rule in policy["rules"]
        if rule["on"] and is_for(rule, system) and applies(rule, event, person, system)
    ]
    blocking = {
        rule["id"]
        for rule in applying
        if rule["then"]["effect"] == "block" or is_broken(rule, event, person, system)
    }
    if blocking:
        return Answer("block", "rule", blocking, {})
    if (event.is_health or event.carries("health")) and not system.has_agreement:
        return Answer("block", "no_agreement", set(), {})
    allowing = {rule["id"] for rule in applying if rule["then"]["effect"] == "allow"}
    redacting = [rule for rule in applying if rule["then"]["effect"] == "redact"]
    if not allowing and policy["stances"].get(system.purpose) != "allow":
        return Answer("block", "stance", set(), {})
    because = "rule" if allowing else "stance"
    if not redacting:
        return Answer("forward", because, allowing, {})
    return Answer(
        "redact", because, allowing | {rule["id"] for rule in redacting}, redactions(redacting, event)
    )


def is_for(rule: Dict, system: System) -> bool:
    purposes, systems = rule["for"]["purposes"], rule["for"]["destinations"]
    return "*" in purposes or system.purpose in purposes or system.slug in systems


def truths(rule: Dict, event: Event, person: Dict, system: System) -> list[str]:
    return [truth(condition, event, person, system) for condition in rule["when"]]


def is_broken(rule: Dict, event: Event, person: Dict, system: System) -> bool:
    return GONE in truths(rule, event, person, system)


def applies(rule: Dict, event: Event, person: Dict, system: System) -> bool:
    found = truths(rule, event, person, system)
    if NO in found:
        return False
    if rule["then"]["effect"] == "redact" and not any(
        finds(redaction, event) for redaction in rule["then"]["redactions"]
    ):
        return False
    if GONE in found or rule["then"]["effect"] != "allow":
        return True
    return all(each == YES for each in found)


def finds(redaction: Dict, event: Event) -> list[str]:
    return [
        path
        for path in event.came()
        if path == redaction.get("property") or event.listed[path] == redaction.get("class")
    ]


def truth(condition: Dict, event: Event, person: Dict, system: System) -> str:
    kind = condition["kind"]
    if kind == "jurisdiction":
        return lives(condition["in"], person["jurisdictions"])
    if kind == "restriction":
        return YES if any(each in person["restrictions"] for each in condition["present"]) else NO
    if kind == "event":
        return YES if event.name in condition["in"] else NO
    if kind == "class":
        about = condition["carries"] == "health" and event.is_health
        return YES if about or event.carries(condition["carries"]) else NO
    if kind == "property":
        return says(condition, event)
    return chose(condition, event, person, system)


def lives(places: list[str], where: list[str]) -> str:
    if not where or "" in where:
        return UNKNOWN
    if all(each in places for each in where):
        return YES
    if any(each in places for each in where):
        return UNKNOWN
    return NO


def plain(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return str(value).strip().casefold()


def says(condition: Dict, event: Event) -> str:
    if condition["path"] not in event.came():
        return NO
    if condition["op"] == "present":
        return YES
    wanted = [condition["value"]] if condition["op"] == "equals" else condition["values"]
    value = event.came()[condition["path"]]
    said = value if isinstance(value, list) else [value]
    return YES if any(plain(one) == plain(other) for one in said for other in wanted) else NO


def chose(condition: Dict, event: Event, person: Dict, system: System) -> str:
    if condition["category"] != "own":
        return chose_of(condition["category"], condition, person, system)
    found = [chose_of(category, condition, person, system) for category in event.categories]
    found = [UNKNOWN if each == GONE else each for each in found]
    return every(found) if condition["is"] == "opted_in" else some(found)


def chose_of(category: str, condition: Dict, person: Dict, system: System) -> str:
    channels = person["consents"].get(category, {})
    if condition["on"] not in ("any", "every"):
        channels = {channel: word for channel, word in channels.items() if channel == condition["on"]}
    if not channels:
        return GONE
    is_data_use = "" in channels
    found = [
        YES if word_means(word, condition["is"], is_data_use or system.purpose == "advertising") else NO
        for word in channels.values()
    ]
    return some(found) if condition["on"] == "any" else every(found)


def word_means(word: str, said: str, must_have_said_so: bool) -> bool:
    allowed, choice = word[0], word[1]
    if said == "opted_out":
        return allowed == "-"
    if said == "never_asked":
        return choice == "n"
    return allowed == "+" and (choice == "i" or not must_have_said_so)


def some(found: list[str]) -> str:
    return YES if YES in found else UNKNOWN if UNKNOWN in found else NO


def every(found: list[str]) -> str:
    if NO in found or not found:
        return NO
    return UNKNOWN if UNKNOWN in found else YES


STRICT = ["drop", "hash", "place", "date", "domain", "truncate"]


def redactions(rules: list[Dict], event: Event) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for path in event.came():
        ways = [
            (redaction["how"], redaction.get("keep", 0))
            for rule in rules
            for redaction in rule["then"]["redactions"]
            if path in finds(redaction, event)
        ]
        if ways:
            found[path] = strictest(ways)
    return found


def strictest(ways: list[tuple[str, int]]) -> tuple[str, int]:
    names = {how for how, _ in ways}
    if "drop" in names or len(names & {"place", "date", "domain"}) > 1:
        return "drop", 0
    for how in STRICT:
        if how in names:
            return how, min(keep for each, keep in ways if each == how)
    raise AssertionError("no way at all")
