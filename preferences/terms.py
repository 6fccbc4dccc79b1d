"""The words of the domain: enumerations and small values that everything else is written in."""

from django.db.models import TextChoices


class Channel(TextChoices):
    """A way of reaching a person."""

    EMAIL = "email", "Email"
    SMS = "sms", "Text message"
    PHONE = "phone", "Phone call"
    MAIL = "mail", "Mail"
    PUSH = "push", "App notification"


ANY = "*"  # every category, or every channel of a category
NO_CHANNEL = ""  # a data use is decided about as such, on no channel
DATA_USE = "-"  # stands where a restriction names a channel, for a use of data


class IdentifierKind(TextChoices):
    """What an identifier is. Addresses may be held by many people, the others by one."""

    HEED = "heed", "Heed number"
    EMAIL = "email", "Email"
    PHONE = "phone", "Phone"
    DEVICE = "device", "Device"
    MRN = "mrn", "Medical record number"
    EXTERNAL_ID = "external_id", "External id"
    ANONYMOUS_ID = "anonymous_id", "Browser"


ADDRESS_KINDS: frozenset[str] = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.DEVICE})
CHANNELS_OF: dict[str, frozenset[str]] = {
    IdentifierKind.EMAIL: frozenset({Channel.EMAIL}),
    IdentifierKind.PHONE: frozenset({Channel.SMS, Channel.PHONE}),
    IdentifierKind.DEVICE: frozenset({Channel.PUSH}),
}
ADDRESS_OF: dict[str, str] = {
    Channel.EMAIL: IdentifierKind.EMAIL,
    Channel.SMS: IdentifierKind.PHONE,
    Channel.PHONE: IdentifierKind.PHONE,
    Channel.PUSH: IdentifierKind.DEVICE,
}


class SubjectKind(TextChoices):
    """Whom a ledger entry is about, or what an outbox row may have altered."""

    PROFILE = "profile", "Person"
    IDENTIFIER = "identifier", "Identifier"
    CATEGORY = "category", "Category"
    MAPPER = "mapper", "Mapper"
    DESTINATION = "destination", "System"


class State(TextChoices):
    """What a person has said about a category on a channel."""

    IN = "opted_in", "Yes"
    OUT = "opted_out", "No"
    NEVER_ASKED = "never_asked", "Never asked"


class Reason(TextChoices):
    """Why a decision is as it is (DESIGN, section 7)."""

    UNKNOWN_CATEGORY = "unknown_category", "there is no such category"
    UNKNOWN_CHANNEL = "unknown_channel", "there is no such channel"
    RETIRED = "retired", "the category is no longer used"
    NOT_OFFERED = "not_offered", "the category is not sent on this channel"
    DECEASED = "deceased", "the person has died"
    RESTRICTION = "restriction", "the address may not be used"
    ORDER = "order", "a confidential-communications order allows other addresses only"
    REQUIRED = "required", "these messages are required"
    PAUSE = "pause", "the person has paused these messages"
    CHOICE = "choice", "the person chose so"
    DEFAULT = "default", "nobody has asked; the default holds"
    UNKNOWN_PERSON = "unknown_person", "nobody is known at this address"
    INVALID_RECIPIENT = "invalid_recipient", "the recipient cannot be read"


class SourceKind(TextChoices):
    """Where changes come from."""

    PREFERENCE_PAGE = "preference_page", "Preference page"
    BANNER = "banner", "Website banner"
    PARTNER = "partner", "Partner system"
    VENDOR_WEBHOOK = "vendor_webhook", "Vendor webhook"
    IMPORT = "import", "Import"
    STAFF = "staff", "Staff"


class Actor(TextChoices):
    """Who made a choice."""

    PERSON = "person", "the person"
    PROXY = "proxy", "someone acting for the person"
    STAFF = "staff", "staff"
    PARTNER = "partner", "a partner system"
    VENDOR = "vendor", "a vendor"
    SYSTEM = "system", "Heed"


class OptInNeeds(TextChoices):
    """What makes an opt-in count (R6)."""

    ANY = "any", "any source"
    PERSON = "person", "the person"
    PERSON_WITH_NOTICE = "person_with_notice", "the person, and the wording they were shown"
    PERSON_SECOND_STEP = "person_second_step", "the person, confirmed in a second step"


class CategoryKind(TextChoices):
    """A message that is sent, or a use of data."""

    COMMUNICATION = "communication", "Messages"
    DATA_USE = "data_use", "Use of data"


class RestrictionKind(TextChoices):
    """A denial that beats choices (R7, R8)."""

    STOP = "stop", "STOP"
    DO_NOT_CALL = "do_not_call", "Do not call"
    SUPPRESSED = "suppressed", "Suppressed address"
    ORDER = "order", "Confidential communications"
    DECEASED = "deceased", "Deceased"


class Verified(TextChoices):
    """How we know that a person can be reached at an address."""

    CODE = "code", "code"
    LINK = "link", "link sent there"
    STAFF = "staff", "staff, in person"
    SOURCE = "source", "a source that speaks for the person"


class Whose(TextChoices):
    """Whom a row of the lists is about."""

    PERSON = "person", "a person"
    MERGED = "merged", "a person who is part of another now"
    HELD = "held", "an address that somebody holds"
    STRAY = "stray", "an address that nobody holds"


class Relation(TextChoices):
    """Why somebody may choose for a person (45 CFR 164.502(g))."""

    PARENT = "parent", "Parent or guardian of a minor"
    REPRESENTATIVE = "representative", "Personal representative"
    CAREGIVER = "caregiver", "Caregiver whom the person named"


class Scope(TextChoices):
    """What an API key may do."""

    WRITE_CHOICES = "write:choices", "Record choices of known people"
    WRITE_ANONYMOUS = "write:anonymous", "Record choices of browsers only"
    WRITE_EVENTS = "write:events", "Send events"
    READ_PREFERENCES = "read:preferences", "Read preferences"
    READ_DECISIONS = "read:decisions", "Ask whether a message may be sent"
    READ_LEDGER = "read:ledger", "Read changes and propagation"
    WRITE_RESTRICTIONS = "write:restrictions", "Set and lift restrictions"
    WRITE_LINKS = "write:links", "Make preference links"
    MERGE = "identity:merge", "Merge people"


class RevisionKind(TextChoices):
    """What staff publish in numbered revisions."""

    CATEGORY = "category", "Category"
    NOTICE = "notice", "Notice"
    MAPPER = "mapper", "Mapper"
    POLICY = "policy", "Policy"
    BANNER = "banner", "Banner"
    EVENT = "event", "Allowed event"
    APPEARANCE = "appearance", "Look and languages"


class RevisionState(TextChoices):
    """A draft may change; a published revision never does."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    DISCARDED = "discarded", "Discarded"
