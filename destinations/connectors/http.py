"""Any system that keeps records of people and takes one HTTP call; settings describe the call."""

from collections.abc import Iterator

from destinations.contract import By, Setting, Settings, Wanted
from destinations.described.connector import Described
from destinations.described.places import Values
from destinations.described.settings import SETTINGS, asked

KINDS = {"mrn": "mrn", "id": "external_id"}


class Http(Described):
    """A record of a person, found by a record number or by a source's own id."""

    slug, name = "http", "HTTP, by record"
    addresses, found_by = By.PERSON, ("mrn", "external_id")
    keys, beside = frozenset(KINDS), frozenset({"email", "phone"})
    settings = {
        **SETTINGS,
        "namespace": Setting("Whose numbers", "The authority, or the source. Empty: any", required=False),
    }

    def records(self, wanted: Wanted, settings: Settings) -> Iterator[Values]:
        """Each number of theirs, with the addresses in use now."""
        [name] = asked(settings) & self.keys
        reached = {each.kind: each.value for each in reversed(wanted.identifiers) if each.current}
        besides = {kind: reached[kind] for kind in self.beside if kind in reached}
        for each in wanted.identifiers:
            if each.kind == KINDS[name] and settings.namespace in ("", each.namespace):
                yield {**besides, name: each.value}
