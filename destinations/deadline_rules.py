"""The two ways in which the table of deadline rules changes: a rule is added, and it is ended once (R18)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from destinations.models import DeadlineRule
from destinations.terms import Unit
from preferences.errors import Malformed
from preferences.sql import one_writer

NO_SOURCE = "say where the rule stands, law and section: a rule without a source is not taken"


@transaction.atomic
def add_deadline_rule(*, rule: DeadlineRule, by: str) -> DeadlineRule:
    """Take a rule into the table, as the next version under its short name. Running clocks keep theirs.

    Raises Malformed as `check_deadline_rule` does.
    """
    one_writer(DeadlineRule._meta.db_table)
    check_deadline_rule(rule)
    last = _last(rule.slug)
    rule.pk, rule.version = None, last.version + 1 if last else 1
    rule.added_by, rule.added_at, rule.ended_by = by, timezone.now(), ""
    rule.save()
    return rule


def check_deadline_rule(rule: DeadlineRule) -> None:
    """Raises Malformed where it has no source, measures nothing, or would hold beside an earlier version."""
    if not rule.source.strip():
        raise Malformed(NO_SOURCE)
    if rule.amount < 1 or rule.unit not in Unit.values:
        raise Malformed("say how much time there is; for “at once”, five minutes")
    if rule.ends and rule.ends < rule.starts:
        raise Malformed("a rule ends after it has begun")
    last = _last(rule.slug)
    if last and (last.ends is None or last.ends > rule.starts):
        until = f"until {last.ends}" if last.ends else "without end"
        raise Malformed(f"version {last.version} of “{last.slug}” is in force {until}: end it first")


def _last(slug: str) -> DeadlineRule | None:
    return DeadlineRule.objects.filter(slug=slug).order_by("-version").first()


def end_deadline_rule(*, rule: DeadlineRule, ends: date, by: str) -> None:
    """From that day on it dates nothing new; what was received before keeps it.

    Raises Malformed where it has an end already, or the day is over: requests were dated by it meanwhile.
    """
    if ends < timezone.localdate() or ends < rule.starts:
        raise Malformed("choose today or a later day: until now requests were dated by this rule")
    standing = DeadlineRule.objects.filter(pk=rule.pk, ends__isnull=True)
    if not standing.update(ends=ends, ended_by=by):
        raise Malformed("this rule has an end already, and keeps it")
