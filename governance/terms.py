"""The words of what may flow."""

from django.db.models import TextChoices

POLICY = "policy"  # the key of the one thing that is published: all rules and stances together
OWN = "own"  # stands for the categories that the event itself belongs to
ANY, EVERY = "any", "every"  # of the channels of a category
EVERYWHERE = "*"  # every purpose, those to come included
ADVERTISING = "advertising"  # the purpose where an opt-in is only what a person said themselves


class PropertyClass(TextChoices):
    """What a property says of a person: rules name it."""

    PLAIN = "plain", "Plain"
    IDENTIFIER = "identifier", "Identifier"
    HEALTH = "health", "Health"


class EventClass(TextChoices):
    """What it tells of somebody that an event happened at all."""

    PLAIN = "plain", "Plain"
    HEALTH = "health", "Health"


class ConditionKind(TextChoices):
    """What a rule may ask about."""

    CONSENT = "consent", "what the person chose"
    JURISDICTION = "jurisdiction", "where the person lives"
    RESTRICTION = "restriction", "a restriction"
    EVENT = "event", "the event"
    PROPERTY = "property", "a property of the event"
    CLASS = "class", "what the event carries"


class Is(TextChoices):
    """What somebody has said of a category, as a rule asks it."""

    OPTED_OUT = "opted_out", "opted out"
    OPTED_IN = "opted_in", "opted in"
    NEVER_ASKED = "never_asked", "never asked"


class Op(TextChoices):
    """How a property is compared."""

    EQUALS = "equals", "is"
    ONE_OF = "one_of", "is one of"
    PRESENT = "present", "is present"


class Effect(TextChoices):
    """What a rule does."""

    BLOCK = "block", "Block"
    ALLOW = "allow", "Allow"
    REDACT = "redact", "Redact"


class Stance(TextChoices):
    """What holds for a purpose when no rule says anything."""

    BLOCK = "block", "Block unless allowed"
    ALLOW = "allow", "Allow unless blocked"


class How(TextChoices):
    """How a property is redacted."""

    DROP = "drop", "Leave it out"
    HASH = "hash", "Replace it by a code that only this system gets"
    PLACE = "place", "Only the state, or the first three digits of a ZIP code"
    DATE = "date", "Only the month"
    DOMAIN = "domain", "Only the domain"
    TRUNCATE = "truncate", "Only the first characters"


class Outcome(TextChoices):
    """What becomes of one event at one system."""

    FORWARD = "forward", "Forwarded"
    REDACT = "redact", "Forwarded, redacted"
    BLOCK = "block", "Blocked"


class Because(TextChoices):
    """Why."""

    RULE = "rule", "a rule says so"
    STANCE = "stance", "no rule matches, and this holds for the purpose"
    NO_AGREEMENT = (
        "no_agreement",
        "it carries health information, and no agreement (BAA) lets this system have any",
    )
    NOT_ALLOWED = "not_allowed", "the event is not on the allow list"


class Truth(TextChoices):
    """Whether a condition holds. What is not known never releases anything."""

    YES = "yes", "holds"
    NO = "no", "does not hold"
    UNKNOWN = "unknown", "is not known"
    GONE = "gone", "names a category that is no longer used"
    UNKEPT = "unkept", "depended on what the event said, which is not kept"
