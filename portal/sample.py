"""A page of nobody, for staff who look at a language before patients do."""

from uuid import UUID

from django.utils import timezone

from portal.building import preference_page
from portal.page import PreferencePage
from portal.rows import Asked
from portal.selectors import Seen
from portal.wording import language, words
from preferences import selectors
from preferences.catalogue import catalogue
from preferences.person import Person


def sample_page() -> PreferencePage:
    """What somebody sees who was never asked anything."""
    known = catalogue()
    seen = Seen(known, Person(UUID(int=0), {}), selectors.rules_now(timezone.now()))
    return preference_page(seen, Asked(words(), language(), ""))
