"""Keeping what was true of people when verdicts were made."""

from collections.abc import Iterable

from governance.facts import Facts
from governance.models import FactsKept


def keep_facts(*, facts: Iterable[Facts]) -> dict[bytes, int]:
    """Keep each once, whoever else keeps it at the same time. By digest: the key of its row.

    Two queries; one where all were kept already.
    """
    wanted = {each.digest: each for each in facts}
    kept = _kept(wanted)
    if missing := [each for digest, each in wanted.items() if digest not in kept]:
        # In one order everywhere, else two systems' turns could wait for each other.
        missing.sort(key=lambda each: each.digest)
        rows = [FactsKept(digest=each.digest, body=each.body) for each in missing]
        FactsKept.objects.bulk_create(rows, ignore_conflicts=True)
        kept |= _kept([each.digest for each in missing])
    return kept


def _kept(digests: Iterable[bytes]) -> dict[bytes, int]:
    rows = FactsKept.objects.filter(digest__in=list(digests)).values_list("digest", "id")
    return {bytes(digest): pk for digest, pk in rows}
