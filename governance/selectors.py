"""Reading what may flow: what things are called, and rules in force that have lost what they name."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance import policy, slots
from governance.checking import Known, known_now, of_rule
from governance.facts import facts_of
from governance.rules import Consent, Rule
from governance.terms import Truth
from governance.truth import truth
from governance.wording import Names
from preferences.catalogue import catalogue
from preferences.selectors import rules_now


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule in force that names what is not there any more. `blocks`: so it blocks, whatever it says."""

    number: int
    rule: Rule
    problems: Sequence[str]
    blocks: bool

    @property
    def words(self) -> str:
        """`Rule 3, “No marketing emails”, blocks whatever it says: marketing_emails is retired.`"""
        does = "blocks whatever it says" if self.blocks else "names what is not there"
        return f"Rule {self.number}, “{self.rule.name}”, {does}: {'; '.join(self.problems)}."


def broken_rules() -> list[Broken]:
    """Rules of the policy in force that are on and name what is not there any more: at most seven queries."""
    known = known_now()
    stranger = facts_of(None, known.categories, rules_now())
    found = []
    for number, rule in enumerate(policy.in_force().policy.rules, 1):
        if rule.on and (problems := list(of_rule(rule, known))):
            asked = [each for each in rule.when if isinstance(each, Consent)]
            gone = any(truth(each, stranger, ()) == Truth.GONE for each in asked)
            found.append(Broken(number, rule, problems, gone))
    return found


def names_now(known: Known | None = None) -> Names:
    """What everything is called now."""
    categories = known.categories if known else catalogue()
    called = {slug: each.in_("en").name for slug, each in categories.by_slug.items()}
    return Names(called, slots.purposes(), {slug: each.name for slug, each in slots.systems().items()})
