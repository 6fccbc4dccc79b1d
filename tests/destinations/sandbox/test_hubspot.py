"""HubSpot's sandbox, asked as HubSpot would be."""

import pytest

from destinations.sandbox import HubSpotSandbox, running

STATUSES, CONTACTS = "/communication-preferences/2026-03/statuses/batch", "/crm/v3/objects/contacts"


@pytest.fixture
def hubspot(stack, call):
    sandbox = stack.enter_context(running(HubSpotSandbox()))
    sandbox.seed(
        {"types": [{"id": 11, "name": "Newsletter"}], "contacts": [{"id": "1", "email": "ana@example.org"}]}
    )
    return call(sandbox, "pat-na1")


def test_who_is_subscribed_needs_a_legal_basis(hubspot):
    asked = {"subscriberIdString": "ana@example.org", "subscriptionId": 11, "channel": "EMAIL"}
    asked["statusState"] = "SUBSCRIBED"
    said = hubspot.post(f"{STATUSES}/write", json={"inputs": [asked]})
    assert (said.status_code, said.json()["results"]) == (200, [])
    assert said.json()["errors"][0]["category"] == "LEGAL_BASIS_REQUIRED"

    basis = {"legalBasis": "CONSENT_WITH_NOTICE", "legalBasisExplanation": "asked"}
    [kept] = hubspot.post(f"{STATUSES}/write", json={"inputs": [{**asked, **basis}]}).json()["results"]
    assert kept["status"] == "SUBSCRIBED"


def test_contacts_that_are_not_there_make_it_207(hubspot):
    wanted = {"idProperty": "email", "properties": ["email"], "propertiesWithHistory": []}
    inputs = [{"id": "ana@example.org"}, {"id": "new@example.org"}]
    said = hubspot.post(f"{CONTACTS}/batch/read", json={**wanted, "inputs": inputs})
    assert said.status_code == 207
    assert [each["id"] for each in said.json()["results"]] == ["1"]


def test_one_unknown_property_spoils_the_call(hubspot):
    said = hubspot.post(f"{CONTACTS}/batch/update", json={"inputs": [{"id": "1", "properties": {"x": "1"}}]})
    assert (said.status_code, said.json()["errors"][0]["code"]) == (400, "PROPERTY_DOESNT_EXIST")


def test_what_it_believes_is_told_in_words(hubspot):
    told = hubspot.get("/_records?email=ana@example.org").json()
    assert told["words"] == [{"about": "Newsletter", "says": "not specified", "may": True}]
