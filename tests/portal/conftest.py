"""What the tests of the patients' pages stand on."""

import pytest

from portal import wording
from portal.links import link_for
from preferences.terms import IdentifierKind
from tests.portal import codes, people


@pytest.fixture(autouse=True)
def wording_as_published():
    """A rolled-back test gives its revisions' numbers to the next one, with other words."""
    wording._notice.cache_clear()


@pytest.fixture
def joan(db):
    """She has an email address and a phone, and was never asked anything."""
    return people.person()


@pytest.fixture
def visit(client, joan):
    """A browser in which Joan's page is open, by the link that was mailed to her."""
    client.get(link_for(joan, address_id=people.address(IdentifierKind.EMAIL, people.EMAIL)))
    return client


@pytest.fixture
def visit_by_code(visit):
    """The same, and she has entered a code that was mailed to her: she may do all that the page offers."""
    codes.step_up(visit)
    return visit
