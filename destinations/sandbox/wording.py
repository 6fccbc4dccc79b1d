"""How systems word a category and a channel to their own users."""

CHANNELS = {"sms": "text", "mail": "letter"}


def label(category: str, channel: str) -> str:
    """ "Care follow ups by text"; a use of data has no channel."""
    named = category.replace("_", " ").capitalize()
    return named if channel == "*" else f"{named} by {CHANNELS.get(channel, channel)}"
