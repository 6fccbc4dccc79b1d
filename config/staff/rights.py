"""What an account may do, in words: one table for roles, for refusals, and for who may see what."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, Permission, PermissionsMixin
from django.db.models import Q, QuerySet

from config.staff import permissions as may


@dataclass(frozen=True, slots=True)
class Right:
    """One permission: what it is called here, and what it lets somebody do."""

    permission: str
    title: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A role that fits most organisations, to start from."""

    slug: str
    name: str
    permissions: frozenset[str]


PEOPLE = (
    Right(may.SEE_PEOPLE, "See people", "Find them, open their pages, see who is out. Every look is noted."),
    Right(
        may.RECORD,
        "Record choices for people",
        "What they ask for: a yes or no, a pause, a restriction of an address, a privacy request, links off.",
    ),
    Right(
        may.VOID,
        "Take back what was recorded in error",
        "Or move it to the right patient. Nothing is erased.",
    ),
    Right(may.MERGE, "Say that two records are one person, or two"),
    Right(
        may.ORDER,
        "Set or end confidential-communications orders",
        "The only ways in which somebody may be reached.",
    ),
    Right(may.DECEASED, "Report a death or correct a report", "Nothing is sent to somebody who died."),
    Right(
        may.LIFT,
        "Lift restrictions of addresses",
        "Do not call, at the person’s own request; an address, once they are verified there.",
    ),
    Right(may.PROXIES, "Say who may choose for somebody else", "And end it."),
    Right(may.SEE_MATTERS, "See matters for staff", "What Heed can’t decide alone."),
    Right(may.SETTLE, "Settle matters for staff", "With a note on what was done."),
    Right(may.SEE_EVENTS, "See what systems told Heed", "Each event and what it became, without who."),
    Right(may.READ_TEXTS, "Read texts that may be a stop", "And say what they mean."),
    Right(may.SEE_TEXTS, "See texts that Heed sent", "Whether each has arrived, never its words."),
    Right(may.SEE_LEDGER, "Read the ledger", "Every change of everybody, without addresses."),
    Right(may.SEE_LOOKS, "See who looked at whom"),
)
SYSTEMS = (
    Right(
        may.SEE_SYSTEMS,
        "See systems",
        "How each one fares, what is stuck, deadlines and their alarms, the figures about them at the start.",
    ),
    Right(may.CONNECT, "Connect systems", "A new one is paused until somebody lets it go live."),
    Right(
        may.CHANGE_SYSTEMS,
        "Change systems",
        "Settings and credentials, what each one is told, pausing, rehearsing and going live.",
    ),
    Right(may.SEE_COMPARISONS, "See comparisons", "Whether each system holds what Heed says."),
    Right(may.SEE_DIFFERENCES, "See about whom a system differs"),
    Right(may.SEE_INBOUND, "See incoming connections", "Which systems tell Heed, and when they last did."),
    Right(may.ADD_INBOUND, "Let systems tell Heed"),
    Right(may.CHANGE_INBOUND, "Change incoming connections", "Also whether one speaks for the person."),
    Right(may.RETRY, "Have systems told again", "It changes nobody’s choice."),
    Right(may.HAND_OVER, "Ask somebody to do by hand what a system refuses"),
    Right(may.CONFIRM, "Confirm what was done by hand in a system"),
    Right(may.AGREE, "Agree to what reaches many", "As the second person, never to one’s own."),
    Right(may.SEE_ATTEMPTS, "See attempts", "Every call to a system, and its answer."),
    Right(
        may.SEE_FORWARDINGS,
        "See which events went where",
        "And why, rule by rule; what would leave needs “See people” as well. Every look is noted.",
    ),
    Right(may.SEE_RULES, "See deadline rules"),
    Right(may.ADD_RULES, "Add deadline rules"),
    Right(may.END_RULES, "End deadline rules"),
    Right(may.SEE_ALARMS, "See past alarms", "And who was mailed about them."),
)
RULES = (
    Right(may.SEE_POLICY, "See the rules", "Which events may go where; what was published, and why."),
    Right(
        may.PREPARE_POLICY,
        "Prepare rules",
        "As a draft, which is tried out first; publishing needs “Publish rules” as well.",
    ),
    Right(may.PUBLISH_POLICY, "Publish rules", "And agree as the second person."),
    Right(
        may.SEE_ALLOWED,
        "See which events may come in",
        "And what came and was dropped: names and counts, never a value.",
    ),
    Right(
        may.CHANGE_ALLOWED,
        "Allow events",
        "Say what of them is kept, prepare and publish it, and agree as the second person.",
    ),
)
SETTINGS = (
    Right(may.SEE_CATEGORIES, "See categories, drafts and missing texts"),
    Right(may.ADD_CATEGORIES, "Add categories", "As a draft; publishing needs “Change categories” as well."),
    Right(may.CHANGE_CATEGORIES, "Change categories", "Prepare and publish, and agree as the second person."),
    Right(may.SEE_NOTICES, "See notices", "The wording that people are shown."),
    Right(may.ADD_NOTICES, "Publish scripts that staff read aloud"),
    Right(may.SEE_REVISIONS, "See publications", "Everything ever published: when, by whom, why."),
    Right(may.SEE_APPEARANCE, "See look and languages", "And every text of patients’ pages, side by side."),
    Right(
        may.CHANGE_APPEARANCE,
        "Change look and languages",
        "Name, logo and colours, the notice of language help, and which languages are reviewed.",
    ),
    Right(may.SEE_BANNERS, "See website banners", "Those published and drafts, as visitors see them."),
    Right(
        may.CHANGE_BANNERS,
        "Change website banners",
        "Prepare, publish and bring back, and agree as the second person.",
    ),
    Right(may.SEE_SOURCES, "See sources", "Where changes may come from."),
    Right(may.ADD_SOURCES, "Add sources"),
    Right(may.CHANGE_SOURCES, "Change sources", "Also whether one speaks for the person."),
    Right(may.SEE_KEYS, "See API keys", "Their names and scopes, never the keys."),
    Right(may.ADD_KEYS, "Make API keys"),
    Right(may.REVOKE_KEYS, "Revoke API keys"),
)
GROUPED = (("People", PEOPLE), ("Systems", SYSTEMS), ("Rules", RULES), ("Settings", SETTINGS))
RIGHTS = {right.permission: right for _, rights in GROUPED for right in rights}

_DESK = frozenset({may.SEE_PEOPLE, may.RECORD})
PRESETS = (
    Preset("front-desk", "Front desk", _DESK),
    Preset(
        "privacy",
        "Privacy",
        _DESK
        | {
            may.VOID,
            may.MERGE,
            may.ORDER,
            may.DECEASED,
            may.LIFT,
            may.PROXIES,
            may.SEE_MATTERS,
            may.SETTLE,
            may.SEE_EVENTS,
            may.READ_TEXTS,
            may.SEE_TEXTS,
            may.SEE_INBOUND,
            may.SEE_COMPARISONS,
            may.SEE_DIFFERENCES,
            may.SEE_LEDGER,
            may.SEE_LOOKS,
            may.SEE_SYSTEMS,
            may.RETRY,
            may.HAND_OVER,
            may.CONFIRM,
            may.AGREE,
            may.SEE_ATTEMPTS,
            may.SEE_FORWARDINGS,
            may.SEE_RULES,
            may.SEE_ALARMS,
            may.SEE_POLICY,
            may.PREPARE_POLICY,
            may.PUBLISH_POLICY,
            may.SEE_ALLOWED,
            may.CHANGE_ALLOWED,
            may.SEE_CATEGORIES,
            may.ADD_CATEGORIES,
            may.CHANGE_CATEGORIES,
            may.SEE_NOTICES,
            may.ADD_NOTICES,
            may.SEE_REVISIONS,
            may.SEE_APPEARANCE,
            may.CHANGE_APPEARANCE,
            may.SEE_BANNERS,
            may.CHANGE_BANNERS,
        },
    ),
    Preset(
        "integration",
        "Integration",
        frozenset(
            {
                may.SEE_SYSTEMS,
                may.CONNECT,
                may.CHANGE_SYSTEMS,
                may.SEE_COMPARISONS,
                may.SEE_INBOUND,
                may.ADD_INBOUND,
                may.CHANGE_INBOUND,
                may.SEE_TEXTS,
                may.RETRY,
                may.SEE_ATTEMPTS,
                may.SEE_POLICY,
                may.SEE_ALLOWED,
                may.SEE_BANNERS,
                may.SEE_SOURCES,
                may.ADD_SOURCES,
                may.CHANGE_SOURCES,
                may.SEE_KEYS,
                may.ADD_KEYS,
                may.REVOKE_KEYS,
            }
        ),
    ),
    Preset(
        "auditor",
        "Auditor",
        frozenset(
            {
                may.SEE_LEDGER,
                may.SEE_LOOKS,
                may.SEE_SYSTEMS,
                may.SEE_ATTEMPTS,
                may.SEE_RULES,
                may.SEE_ALARMS,
                may.SEE_POLICY,
                may.SEE_ALLOWED,
                may.SEE_CATEGORIES,
                may.SEE_NOTICES,
                may.SEE_REVISIONS,
                may.SEE_APPEARANCE,
                may.SEE_BANNERS,
                may.SEE_SOURCES,
            }
        ),
    ),
)


def in_words(permission: str) -> str:
    """What somebody who lacks it may not do."""
    title = RIGHTS[permission].title
    return f"{title[:1].lower()}{title[1:]}"


def has_any(user: PermissionsMixin | AnonymousUser) -> bool:
    """May somebody do anything at all here?"""
    return any(user.has_perm(each) for each in RIGHTS)


def rows(permissions: Collection[str]) -> QuerySet[Permission]:
    """Django's rows of these permissions."""
    wanted = Q(pk__in=())
    for each in permissions:
        room, _, codename = each.partition(".")
        wanted |= Q(content_type__app_label=room, codename=codename)
    return Permission.objects.filter(wanted)


def given(permissions: QuerySet[Permission]) -> list[Right]:
    """Those of the table that somebody was given, in its order."""
    names = {f"{each.content_type.app_label}.{each.codename}" for each in permissions}
    return [right for permission, right in RIGHTS.items() if permission in names]
