"""What was published is read in words, and so is what it changed."""

import re
from html import unescape

import pytest

from governance.mission import BODY
from governance.terms import POLICY
from preferences.models import Revision
from preferences.services import publish
from preferences.terms import RevisionKind

pytestmark = pytest.mark.django_db


def published(client, kind, key, body):
    """The page of a publication, once it is made."""
    publish(kind=kind, key=key, body=body, author="ann", reason="tests", approved_by="bob")
    revision = Revision.objects.filter(kind=kind, key=key).latest("id")
    return plain(client.get(f"/admin/preferences/revision/{revision.pk}/change/").text)


def plain(html):
    """What somebody reads there, before what is folded away."""
    text = re.sub(r"<[^>]+>", " ", html.partition("As it is kept")[0])
    return re.sub(r"\s+", " ", unescape(text))


def test_a_policy_is_read_as_sentences_and_what_it_changed_too(admin_client):
    rules = [{**each, "on": each["id"] != "marketing-emails-out"} for each in BODY["rules"]]
    stances = {**BODY["stances"], "analytics": "allow"}

    text = published(admin_client, RevisionKind.POLICY, POLICY, {"rules": rules, "stances": stances})

    words = "When “Marketing emails” is opted out on any channel, block for Marketing and Advertising"
    assert f"No marketing emails: nothing to marketing and advertising {words} systems. Off. {words}" in text
    assert "Analytics, when no rule says anything Block unless allowed Allow unless blocked" in text
    assert "When the event carries health information, block for Advertising systems." in text
    assert '"when"' not in text


def test_an_allowed_event_is_read_as_sentences_and_what_it_changed_too(admin_client):
    body = {
        "name": "page_viewed",
        "what": "Somebody viewed a page",
        "class": "plain",
        "categories": ["marketing_emails"],
        "properties": {"url": "health"},
    }
    first = published(admin_client, RevisionKind.EVENT, "page_viewed", body)
    more = {**body, "class": "health", "properties": {"url": "health", "value": "plain"}}
    second = published(admin_client, RevisionKind.EVENT, "page_viewed", more)

    assert "It was the first." in first
    assert "Belongs to Marketing emails" in first
    assert "Its property url Kept, as health information" in first
    assert (
        "That it happened tells Nothing about somebody’s health Something about somebody’s health" in second
    )
    assert "Its property value — Kept, as plain" in second


def test_a_look_is_read_without_its_picture(admin_client):
    body = {"organisation": "Riverside", "accent": {"light": "#0b5c62"}}
    logo = {"type": "image/png", "content": "iVBORw0KGgo" * 40}
    published(admin_client, RevisionKind.APPEARANCE, "branding", body)

    text = published(admin_client, RevisionKind.APPEARANCE, "branding", {**body, "logo": logo})

    assert "Logo — A picture" in text
    assert "iVBOR" not in text
