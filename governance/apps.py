"""The room of what may flow."""

from django.apps import AppConfig

from preferences import slots
from preferences.terms import RevisionKind


class GovernanceConfig(AppConfig):
    """What may flow: the events that are taken in, rules, the published policy, verdicts."""

    name = "governance"

    def ready(self) -> None:
        from governance import allowing, checking, naming, reading, weighing  # noqa: PLC0415 - models exist only once Django is ready

        slots.fill_checks(
            RevisionKind.EVENT,
            check=allowing.check_event,
            weighs=allowing.weigh_event,
            edit=allowing.edit_page,
            may="governance.change_allowance",
        )
        slots.fill_checks(
            RevisionKind.POLICY,
            check=checking.check_policy,
            weighs=weighing.weigh_policy,
            page=weighing.draft_page,
            may="governance.change_policy",
        )
        slots.fill_names(naming.naming)
        slots.fill_words(RevisionKind.EVENT, reading.event_lines)
        slots.fill_words(RevisionKind.POLICY, reading.policy_lines)
