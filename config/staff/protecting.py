"""Confidential communications (45 CFR 164.522(b)), and the report of a death."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms

from config.staff.acting import Act, ActForm, acting
from config.staff.lines import way
from config.staff.permissions import DECEASED, ORDER
from preferences import identity, services
from preferences.errors import Malformed
from preferences.services import Allowed
from preferences.terms import ADDRESS_OF, CHANNELS_OF, Channel
from preferences.words import WordsField

NEW_ROWS = range(1, 4)
REACHED_BY = [("", "Choose one"), *((each.value, each.label) for each in Channel if each != Channel.PUSH)]


class OrderForm(ActForm):
    """The only ways in which somebody may be reached: of those we know, and new ones."""

    known_ways = forms.MultipleChoiceField(
        label="Of the addresses we know", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = self.known.person.order
        self.fields["known_ways"].choices = list(self._known_ways())  # type: ignore[attr-defined]
        self.fields["known_ways"].initial = (
            [f"{channel}:{pk}" for channel, pk in order.allowed] if order else []
        )
        for row in NEW_ROWS:
            self.fields[f"channel{row}"] = forms.ChoiceField(label="By", choices=REACHED_BY, required=False)
            self.fields[f"address{row}"] = WordsField(
                label="At",
                max_length=320,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def _known_ways(self) -> Iterator[tuple[str, str]]:
        for held in self.known.person.held:
            for channel in sorted(CHANNELS_OF.get(held.kind, ())) if held.current else ():
                words = way(channel, str(held.id), self.known) + (
                    " (confidential)" if held.confidential else ""
                )
                yield f"{channel}:{held.id}", words

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The rows for new addresses."""
        return [(self[f"channel{row}"], self[f"address{row}"]) for row in NEW_ROWS]

    def clean(self) -> dict[str, Any]:
        """All that is allowed, as `allowed`."""
        told = super().clean()
        told["allowed"] = [*self._ticked(told), *self._written(told)]
        if not told["allowed"] and not self.errors:
            self.add_error(None, "Name at least one way in which they may be reached.")
        return told

    def _ticked(self, told: dict[str, Any]) -> Iterator[Allowed]:
        for each in told.get("known_ways", ()):
            channel, _, pk = each.partition(":")
            value = self.known.clear[UUID(pk)]
            yield Allowed(channel, identity.named(ADDRESS_OF[channel], value))

    def _written(self, told: dict[str, Any]) -> Iterator[Allowed]:
        for row in NEW_ROWS:
            channel, address = told.get(f"channel{row}"), told.get(f"address{row}")
            if not channel and not address:
                continue
            if not channel or not address:
                self.add_error(f"address{row}", "Name both: how, and at which address.")
            elif channel == Channel.MAIL:
                yield Allowed(channel, text=address)
            else:
                yield from self._named(row, channel, address)

    def _named(self, row: int, channel: str, address: str) -> Iterator[Allowed]:
        try:
            yield Allowed(channel, identity.named(ADDRESS_OF[channel], address))
        except Malformed as problem:
            self.add_error(f"address{row}", f"We can’t read this: {problem.message}.")

    def act(self, who: str) -> str:
        services.order(
            profile_id=self.known.profile.pk, allowed=self.cleaned_data["allowed"], said=self.said(who)
        )
        return "The order is in force: nothing else is allowed from now on."


class EndOrderForm(ActForm):
    """Only how the person asked for it."""

    def act(self, who: str) -> str:
        services.end_order(profile_id=self.known.profile.pk, said=self.said(who))
        return "The order has ended: what they chose holds again."


class DeceasedForm(ActForm):
    """Only who reported it."""

    def act(self, who: str) -> str:
        services.set_deceased(profile_id=self.known.profile.pk, deceased=True, said=self.said(who))
        return "Noted. Nothing is sent any more."


class NotDeceasedForm(ActForm):
    """Only how we know that the report was wrong."""

    def act(self, who: str) -> str:
        services.set_deceased(profile_id=self.known.profile.pk, deceased=False, said=self.said(who))
        return "Corrected: what they chose holds again."


order = acting(
    Act(
        "Confidential communications",
        "The person asks to be reached in these ways only. No reason is asked, and none is kept.",
        "Put the order in force",
        ORDER,
        OrderForm,
        (
            "All else is denied, required messages and letters too.",
            "An address that only this order names is given to no system but those that are marked for it.",
            "The latest order stands, until staff end it at the person’s request.",
        ),
    )
)
end_order = acting(
    Act(
        "End the order",
        "At the person’s own request. They may then be reached at every address of theirs, as they chose.",
        "End the order",
        ORDER,
        EndOrderForm,
        ("Addresses that only the order named are former ones from now on.",),
    )
)
deceased = acting(
    Act(
        "Report a death",
        "Nothing is sent to this person any more, required messages neither.",
        "Note that they have died",
        DECEASED,
        DeceasedForm,
        ("If the report turns out to be wrong, it can be corrected here.",),
    )
)
not_deceased = acting(
    Act(
        "Correct the report of a death",
        "The person lives.",
        "They have not died",
        DECEASED,
        NotDeceasedForm,
        ("What they chose holds again, and every system is told.",),
    )
)
