"""What holds where a person may be reached: under an order, at the addresses that it allows (R8). Pure."""

from preferences.answers import Answer, Rules, judge
from preferences.catalogue import Catalogue
from preferences.person import HeldIdentifier, Person


def reachable(person: Person, channel: str) -> tuple[HeldIdentifier, ...]:
    """The addresses of a channel that an order allows; all of them without one, or where it allows none."""
    own = person.addresses(channel)
    if person.order is None:
        return own
    return tuple(each for each in own if person.order.allows(channel, [each])) or own


def everything_reachable(catalogue: Catalogue, person: Person, rules: Rules) -> dict[tuple[str, str], Answer]:
    """For each category in use and each of its channels, the answer at those addresses.

    As the person sees it, who asked to be reached there; whoever asks without an address is told no (R14).
    """
    return {
        (category.slug, channel): judge(category, channel, person, rules, reachable(person, channel))
        for category, channel in catalogue.grid
    }
