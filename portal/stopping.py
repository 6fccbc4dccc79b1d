"""What an unsubscribe link stops, and what its page says. Pure."""

from dataclasses import dataclass

from portal.foreign import texts_of
from portal.links import Link
from preferences.catalogue import Catalogue
from preferences.services import Choice
from preferences.terms import ANY, Channel, IdentifierKind, State

ONE_CLICK = "one_click"  # a clock of its own: 48 hours, not ten business days (DESIGN, R18)


@dataclass(frozen=True, slots=True)
class StopPage:
    """What is (or would be) stopped: a category by name, or all; on which channel, or on all."""

    name: str
    channel: str
    required_reason: str

    @property
    def texts(self) -> bool:
        return self.channel == Channel.SMS


def asked(link: Link, catalogue: Catalogue, kind: str) -> Choice:
    """The way that the message came: a link in a text stops texts, any other emails (RFC 8058, section 1).

    An email about tomorrow's visit that is not wanted says nothing about the text. Where a category is not
    sent that way, the person can only mean all ways in which it is.
    """
    channel = Channel.SMS.value if kind == IdentifierKind.PHONE else Channel.EMAIL.value
    offered = link.category == ANY or channel in catalogue.category(link.category).offers
    return Choice(link.category, channel if offered else ANY, State.OUT)


def stop_page(choice: Choice, catalogue: Catalogue, language: str) -> StopPage:
    """In the words of the category as published."""
    if choice.category == ANY:
        return StopPage("", choice.channel, "")
    category = catalogue.category(choice.category)
    texts = texts_of(category, language)
    return StopPage(texts.name, choice.channel, texts.required_reason if category.required else "")
