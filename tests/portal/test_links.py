"""Signed links: what they carry, how long they open, and that nothing but ours opens at all."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.links import Link, Unusable, link_for, read, sign, usable
from portal.terms import LinkProblem, Purpose
from preferences import identity
from preferences.errors import NotFound
from preferences.models import Profile
from tests.portal import people

NEW_KEY = "new:" + base64.b64encode(b"n" * 32).decode()


def token_of(path: str) -> str:
    return path.rpartition("/")[2]


def a_link(**facts) -> Link:
    fields = {"purpose": Purpose.VIEW, "profile_id": uuid4(), "epoch": 3, "issued": timezone.now()}
    return Link(**{**fields, **facts})


@pytest.mark.parametrize("address", [None, uuid4()])
@pytest.mark.parametrize("category", ["*", "marketing_emails"])
@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_says_what_was_put_into_it(purpose, category, address):
    made = a_link(purpose=purpose, category=category, address_id=address)

    found = read(sign(made), purpose)

    assert found.issued == made.issued.replace(microsecond=0)
    assert (found.profile_id, found.epoch, found.category, found.address_id) == (
        made.profile_id,
        3,
        category,
        address,
    )


def test_a_link_altered_in_any_character_does_not_open():
    token = sign(a_link(address_id=uuid4()))

    for place, character in enumerate(token):
        altered = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        with pytest.raises(Unusable):
            read(altered, Purpose.VIEW)


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_link_cut_short_does_not_open(cut):
    with pytest.raises(Unusable):
        read(sign(a_link())[:cut], Purpose.VIEW)


@pytest.mark.parametrize("nonsense", ["", "A", "====", "päge", "a" * 5000, "AQ", "AQR0ZXN0"])
def test_nonsense_does_not_open(nonsense):
    with pytest.raises(Unusable) as refused:
        read(nonsense, Purpose.VIEW)

    assert refused.value.problem == LinkProblem.UNREADABLE


def test_an_unsubscribe_link_does_not_open_the_page():
    with pytest.raises(Unusable):
        read(sign(a_link(purpose=Purpose.UNSUBSCRIBE)), Purpose.VIEW)


def test_a_link_opens_after_the_keys_were_rotated_but_not_after_its_key_is_gone(settings):
    token, old = sign(a_link()), list(settings.HEED_KEYS)

    settings.HEED_KEYS = [NEW_KEY, *old]
    assert read(token, Purpose.VIEW).epoch == 3

    settings.HEED_KEYS = [NEW_KEY]
    with pytest.raises(Unusable):
        read(token, Purpose.VIEW)


def test_a_link_does_not_open_under_another_key_of_the_same_name(settings):
    token = sign(a_link())

    settings.HEED_KEYS = ["test:" + base64.b64encode(b"x" * 32).decode()]

    with pytest.raises(Unusable):
        read(token, Purpose.VIEW)


def test_links_for_viewing_expire_and_links_to_unsubscribe_never_do(joan, settings):
    view = token_of(link_for(joan))
    stop = token_of(link_for(joan, "marketing_emails", purpose=Purpose.UNSUBSCRIBE))
    later = timezone.now() + timedelta(days=settings.HEED_LINK_DAYS)

    assert usable(view, Purpose.VIEW, later - timedelta(hours=1)).profile_id == joan
    assert usable(stop, Purpose.UNSUBSCRIBE, later + timedelta(days=3650)).category == "marketing_emails"
    with pytest.raises(Unusable) as refused:
        usable(view, Purpose.VIEW, later)
    assert refused.value.problem == LinkProblem.EXPIRED


def test_revoking_ends_viewing_and_never_unsubscribing(joan):
    view, stop = (token_of(link_for(joan, purpose=purpose)) for purpose in Purpose)

    Profile.objects.filter(pk=joan).update(link_epoch=1)

    assert usable(stop, Purpose.UNSUBSCRIBE, timezone.now()).profile_id == joan
    with pytest.raises(Unusable) as refused:
        usable(view, Purpose.VIEW, timezone.now())
    assert refused.value.problem == LinkProblem.REVOKED


def test_a_link_of_somebody_forgotten_does_not_open(joan):
    token = token_of(link_for(joan))

    Profile.objects.filter(pk=joan).update(erased_at=timezone.now())

    with pytest.raises(Unusable):
        usable(token, Purpose.VIEW, timezone.now())


def test_there_is_no_link_for_somebody_who_does_not_exist(db):
    with pytest.raises(NotFound):
        link_for(uuid4())


def test_a_link_of_somebody_merged_leads_to_the_survivor(client, joan):
    survivor = identity.make_profile(timezone.now())
    people.chose(survivor, ("patient_surveys", "email", people.OUT))
    link = link_for(joan)
    Profile.objects.filter(pk=joan).update(merged_into=survivor)

    answer = client.get(link, follow=True)

    assert answer.status_code == 200
    assert "patient_surveys.email=opted_out" in answer.text


def test_a_link_is_short_enough_for_a_text(joan):
    assert len(link_for(joan, address_id=uuid4())) < 100


def test_making_a_link_takes_one_query(joan, django_assert_num_queries):
    with django_assert_num_queries(1):
        link_for(joan)
