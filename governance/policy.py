"""The policy in force, kept per process and swapped as soon as another is published."""

from collections.abc import Mapping
from functools import lru_cache

from django.db import connection

from governance.compiling import Compiled
from governance.parsing import policy_from
from governance.rules import Policy
from governance.terms import POLICY
from preferences.models import Revision
from preferences.terms import RevisionKind


def in_force() -> Compiled:
    """The policy that events are judged by now: one small query. Without any, everything is blocked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM preferences_revision WHERE kind = %s", [RevisionKind.POLICY])
        newest = cursor.fetchone()[0]
    return compiled(newest) if newest else Compiled(Policy())


@lru_cache(maxsize=32)
def compiled(revision: int) -> Compiled:
    """A policy by the id of its revision. Safe to keep: a revision never changes."""
    row = Revision.objects.get(kind=RevisionKind.POLICY, key=POLICY, id=revision)
    return Compiled(policy_from(row.body, row.number))


@lru_cache(maxsize=32)
def rule_names(number: int) -> Mapping[str, str]:
    """What the rules of a policy were called, by their ids; nothing where there is no such policy."""
    row = Revision.objects.filter(kind=RevisionKind.POLICY, key=POLICY, number=number).first()
    return {rule.id: rule.name for rule in compiled(row.pk).policy.rules} if row else {}


def numbered(number: int) -> Compiled:
    """An earlier policy, to explain what it said. Raises Revision.DoesNotExist."""
    row = Revision.objects.only("id").get(kind=RevisionKind.POLICY, key=POLICY, number=number)
    return compiled(row.pk)
