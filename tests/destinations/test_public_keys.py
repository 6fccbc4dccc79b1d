"""The public keys by which a system knows Heed, for whoever registers them there."""

import pytest

from destinations import credentials
from destinations.assertions import public_key
from destinations.models import Destination
from tests.destinations.connectors.smart import PEM


def shown(client, slug="fhir"):
    return client.get(f"/systems/{slug}/jwks.json")


@pytest.fixture
def signing(world):
    locked = credentials.lock({"private_key": PEM})
    Destination.objects.filter(slug="fhir").update(secrets=locked)


def test_anybody_may_read_the_public_half_and_nothing_of_the_private_one(client, signing):
    told = shown(client).json()

    assert told == {"keys": [public_key(PEM)]}
    assert "d" not in told["keys"][0]


@pytest.mark.parametrize("slug", ["fhir", "sendgrid", "nobody"])
def test_a_system_without_a_key_shows_none(client, world, slug):
    assert shown(client, slug).status_code == 404


def test_a_key_that_cannot_be_read_shows_none(client, world):
    Destination.objects.filter(slug="fhir").update(secrets=credentials.lock({"private_key": "no key"}))
    assert shown(client).status_code == 404

    Destination.objects.filter(slug="fhir").update(secrets=b"not ours")
    assert shown(client).status_code == 404
