"""Mailchimp's sandbox, asked as Mailchimp would be."""

import pytest

from destinations.sandbox import MailchimpSandbox, running
from destinations.sandbox.mailchimp import hashed

ANA = f"/3.0/lists/a1/members/{hashed('ana@example.org')}"


@pytest.fixture
def mailchimp(stack):
    sandbox = stack.enter_context(running(MailchimpSandbox()))
    member = {"list": "a1", "email": "Ana@example.org", "status": "unsubscribed", "own": True}
    sandbox.seed({"lists": [{"id": "a1", "name": "Riverside"}], "members": [member]})
    return sandbox


@pytest.fixture
def session(call, mailchimp):
    session = call(mailchimp)
    session.auth = ("any", "abc-us21")
    return session


def test_who_left_by_themselves_is_taken_back_by_a_confirmation_only(session):
    refused = session.patch(ANA, json={"status": "subscribed"})
    assert (refused.status_code, refused.json()["title"]) == (400, "Member In Compliance State")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert session.patch(ANA, json={"status": "pending"}).json()["status"] == "pending"


def test_a_list_of_members_makes_those_it_does_not_know(session):
    members = [{"email_address": each, "status": "unsubscribed"} for each in ("bo@example.org", "nobody")]
    said = session.post("/3.0/lists/a1", json={"members": members, "update_existing": True})
    assert said.status_code == 200
    assert [each["email_address"] for each in said.json()["new_members"]] == ["bo@example.org"]
    assert [each["email_address"] for each in said.json()["errors"]] == ["nobody"]


def test_strangers_unknown_fields_and_wrong_keys_are_refused(session, call, mailchimp):
    assert session.patch("/3.0/lists/a1/members/0", json={"status": "unsubscribed"}).status_code == 404
    assert session.patch(ANA, json={"state": "unsubscribed"}).status_code == 400
    assert call(mailchimp, "abc").get(ANA).status_code == 401


def test_what_it_believes_is_told_in_words(session):
    told = session.get("/_records?email=ana@example.org").json()
    assert told["words"] == [{"about": "Audience", "says": "unsubscribed", "may": False}]
