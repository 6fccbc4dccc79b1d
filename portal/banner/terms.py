"""The words of the banner."""

from django.db.models import TextChoices

EVERYWHERE = "everywhere"  # the region of all places that no other names
ALWAYS, NEVER = "*", ""  # what a tag may do by nobody's choice
META = "meta"
MAX_DAYS = 400  # what browsers allow a cookie (RFC 6265bis, section 5.5)


class Mode(TextChoices):
    """What holds in a region until somebody chooses."""

    OPT_IN = "opt_in", "Nothing is used until a yes"
    OPT_OUT = "opt_out", "Used until a no"
    NOTICE_ONLY = "notice_only", "Used; the banner only tells, and a no still counts"


STRICTNESS = {Mode.OPT_IN: 2, Mode.OPT_OUT: 1, Mode.NOTICE_ONLY: 0}


class Position(TextChoices):
    """Where the first layer stands on a wide screen; on a phone it is always at the bottom."""

    BOTTOM = "bottom", "Across the bottom"
    START = "start", "In the corner where lines begin"
    END = "end", "In the corner where lines end"


SIGNALS = {
    "ad_storage": "Google: cookies for advertising (ad_storage)",
    "ad_user_data": "Google: user data to Google for advertising (ad_user_data)",
    "ad_personalization": "Google: personalized advertising (ad_personalization)",
    "analytics_storage": "Google: cookies for analytics (analytics_storage)",
    "functionality_storage": "Google: storage for functions of the site (functionality_storage)",
    "personalization_storage": "Google: storage for personalization (personalization_storage)",
    "security_storage": "Google: storage for security (security_storage)",
    META: "Meta: full use of data; otherwise Limited Data Use",
}
"""What tags are told: Google's consent mode (seven signals), and Meta's data processing options."""
