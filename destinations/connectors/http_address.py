"""Any system that keeps addresses and takes one HTTP call; settings describe the call."""

from collections.abc import Iterator

from destinations.contract import By, Settings, Stranger, Wanted
from destinations.described.connector import Described
from destinations.described.places import Values
from destinations.described.settings import asked


class HttpAddress(Described):
    """An email address or a phone number, and what may be sent there."""

    slug, name, channels = "http_address", "HTTP, by address", frozenset({"email", "sms", "phone"})
    addresses, found_by, stranger = By.ADDRESS, ("email", "phone"), Stranger.PARK
    keys = frozenset({"address", "email", "phone"})

    def records(self, wanted: Wanted, settings: Settings) -> Iterator[Values]:
        """The address, where it is of the kind that the call is about."""
        kind = "email" if "@" in wanted.address else "phone"
        values = {"address": wanted.address, kind: wanted.address}
        if asked(settings) <= set(values):
            yield values
