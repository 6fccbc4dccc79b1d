"""One bad row spoils a batch: which rows are told again by halves until it stands alone. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from destinations.contract import About, Items, Outcome, Reason, Stuck, Wanted

Told = TypeVar("Told", bound=About)


def halves(
    batch: Sequence[Told], outcomes: Mapping[str, tuple[Outcome, object]], items: Items
) -> Iterator[Sequence[Told]]:
    """The halves of those who share one refusal, with what is known of them by now.

    They share it where the call it rests on was refused for everyone whom it was about. Where each row has an
    answer of its own a refusal is its own, too; but a connector that fails on a row may fail on any row.
    """
    by_call: dict[int, list[Told]] = {}
    for each in batch:
        by_call.setdefault(id(outcomes[each.id][1]), []).append(each)
    for about in by_call.values():
        said = [outcomes[each.id][0] for each in about]
        if len(about) > 1 and all(_may_hang_on_one(outcome, items) for outcome in said):
            carried = [_carried(*each) for each in zip(about, said, strict=True)]
            half = len(carried) // 2
            yield carried[:half]
            yield carried[half:]


def _may_hang_on_one(outcome: Outcome, items: Items) -> bool:
    if not isinstance(outcome, Stuck):
        return False
    return outcome.reason is Reason.BROKEN or (
        outcome.reason is Reason.REJECTED_DATA and items is Items.TOGETHER
    )


def _carried(told: Told, outcome: Outcome) -> Told:
    held = outcome.held if isinstance(outcome, Stuck) else None
    return replace(told, held=held) if isinstance(told, Wanted) and held is not None else told
