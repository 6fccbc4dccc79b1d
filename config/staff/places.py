"""The four places of the staff site: the same in the side bar, whatever the role."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, PermissionsMixin

from config.staff.permissions import (
    SEE_ALARMS,
    SEE_ALLOWED,
    SEE_APPEARANCE,
    SEE_ATTEMPTS,
    SEE_BANNERS,
    SEE_CATEGORIES,
    SEE_COMPARISONS,
    SEE_EVENTS,
    SEE_FORWARDINGS,
    SEE_INBOUND,
    SEE_KEYS,
    SEE_LEDGER,
    SEE_LOOKS,
    SEE_MATTERS,
    SEE_NOTICES,
    SEE_PEOPLE,
    SEE_POLICY,
    SEE_REVISIONS,
    SEE_RULES,
    SEE_SOURCES,
    SEE_SYSTEMS,
    SEE_TEXTS,
)


@dataclass(frozen=True, slots=True)
class Room:
    """A page of a place: its view's name, what one finds there, and who may look (a permission)."""

    view: str
    title: str
    words: str
    needs: str

    @property
    def url_name(self) -> str:
        """How `reverse` finds it."""
        return f"admin:{self.view}"


@dataclass(frozen=True, slots=True)
class Place:
    """One place: where it is, what it is called, what one does there."""

    slug: str
    title: str
    icon: str
    words: str
    rooms: tuple[Room, ...] = ()

    def open_to(self, user: PermissionsMixin | AnonymousUser) -> tuple[Room, ...]:
        """The pages that somebody may look at."""
        return tuple(room for room in self.rooms if user.has_perm(room.needs))

    @property
    def url_name(self) -> str:
        """How `reverse` finds it."""
        return f"admin:{self.slug}"


PEOPLE = Place(
    "people",
    "People",
    "group",
    "Find a person, see what they decided and why it holds, and record what they ask for.",
    (
        Room(
            "out",
            "Who is out",
            "How many are out of what, and who they are.",
            SEE_PEOPLE,
        ),
        Room(
            "preferences_review_changelist",
            "Matters for staff",
            "What only a person can settle.",
            SEE_MATTERS,
        ),
        Room(
            "destinations_inboundevent_changelist",
            "What systems told Heed",
            "Opt-outs that came in from elsewhere, and texts that somebody must read.",
            SEE_EVENTS,
        ),
        Room(
            "preferences_change_changelist",
            "Ledger",
            "Every change, newest first.",
            SEE_LEDGER,
        ),
        Room(
            "preferences_viewlog_changelist",
            "Who looked at whom",
            "Every search and view of a person.",
            SEE_LOOKS,
        ),
    ),
)
SYSTEMS = Place(
    "systems",
    "Systems",
    "hub",
    "See whether every system that talks to patients has heard them, and what waits or is stuck.",
    (
        Room(
            "destinations_destination_changelist",
            "Connections",
            "Every system, how it fares, and its settings.",
            SEE_SYSTEMS,
        ),
        Room(
            "destinations_inbound_changelist",
            "Incoming connections",
            "Which systems tell Heed, at which address, and when they last did.",
            SEE_INBOUND,
        ),
        Room(
            "destinations_outgoingtext_changelist",
            "Texts that Heed sent",
            "Sign-in codes and the like: whether each has arrived.",
            SEE_TEXTS,
        ),
        Room(
            "destinations_reconciliation_changelist",
            "Comparisons",
            "Does each system hold what Heed says? Who is out on one side only.",
            SEE_COMPARISONS,
        ),
        Room(
            "stuck",
            "What is stuck",
            "What a person must look at, by system and reason.",
            SEE_SYSTEMS,
        ),
        Room(
            "deadlines",
            "Deadlines",
            "By when each system must have been told of an opt-out: what is missed, what is near.",
            SEE_SYSTEMS,
        ),
        Room(
            "destinations_deadlinerule_changelist",
            "Deadline rules",
            "Which law gives how long, since when, with its source.",
            SEE_RULES,
        ),
        Room(
            "destinations_alarm_changelist",
            "Alarms",
            "When deadlines were near or missed, and who was mailed.",
            SEE_ALARMS,
        ),
        Room(
            "destinations_attempt_changelist",
            "Attempts",
            "Each time a system was told, and its answer.",
            SEE_ATTEMPTS,
        ),
    ),
)
RULES = Place(
    "rules",
    "Rules",
    "gavel",
    "Which events may come in, which may go where, where each went, and why.",
    (
        Room(
            "policy",
            "The rules in force",
            "What is blocked, what may go where; drafts, and what each would do.",
            SEE_POLICY,
        ),
        Room(
            "governance_allowance_changelist",
            "Allowed events",
            "What partners may tell of people, and what of each event is kept.",
            SEE_ALLOWED,
        ),
        Room(
            "governance_seennotallowed_changelist",
            "Seen, but not allowed",
            "What came and was dropped, by name; one click allows it.",
            SEE_ALLOWED,
        ),
        Room(
            "destinations_forwarding_changelist",
            "Where events went",
            "Each event at each system: whether it went, and by which rules.",
            SEE_FORWARDINGS,
        ),
    ),
)
SETTINGS = Place(
    "settings",
    "Settings",
    "tune",
    "Categories, notices, sources, keys and staff: what people are offered, and who may do what.",
    (
        Room(
            "preferences_category_changelist",
            "Categories",
            "What people decide about, and how it is put to them.",
            SEE_CATEGORIES,
        ),
        Room(
            "preferences_notice_changelist",
            "Notices",
            "The wording people are shown.",
            SEE_NOTICES,
        ),
        Room(
            "branding",
            "Look",
            "The organisation’s name, logo and colours on patients’ pages.",
            SEE_APPEARANCE,
        ),
        Room(
            "languages",
            "Languages",
            "Which languages patients are offered, and who reviewed them.",
            SEE_APPEARANCE,
        ),
        Room(
            "language_help",
            "Notice of language help",
            "What stands at the foot of patients’ pages, in each language.",
            SEE_APPEARANCE,
        ),
        Room(
            "banners",
            "Website banners",
            "What visitors of your websites are asked: words, colors, regions, drafts, how each looks.",
            SEE_BANNERS,
        ),
        Room(
            "missing_texts",
            "Missing texts",
            "What people still read in English.",
            SEE_CATEGORIES,
        ),
        Room(
            "preferences_draft_changelist",
            "Drafts",
            "What is prepared, and what waits for a second person.",
            SEE_CATEGORIES,
        ),
        Room(
            "preferences_revision_changelist",
            "Publications",
            "Everything published: when, by whom, why.",
            SEE_REVISIONS,
        ),
        Room(
            "preferences_source_changelist",
            "Sources",
            "Where changes may come from.",
            SEE_SOURCES,
        ),
        Room(
            "preferences_apikey_changelist",
            "API keys",
            "How partner systems are let in.",
            SEE_KEYS,
        ),
        Room("auth_user_changelist", "Staff", "Who works here.", "auth.view_user"),
        Room("auth_group_changelist", "Roles", "What they may do.", "auth.view_group"),
    ),
)
PLACES = (PEOPLE, SYSTEMS, RULES, SETTINGS)
