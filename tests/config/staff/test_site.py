"""The staff site: four places, the same for everybody."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from config.staff.places import PLACES
from config.staff.site import HeedAdminSite

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, django_user_model):
    """A member of staff who may see people."""
    user = django_user_model.objects.create_user("desk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_profile"))
    client.force_login(user)
    return client


def test_the_admin_is_our_own_site():
    assert isinstance(admin.site, HeedAdminSite)


@pytest.mark.parametrize("page", ["/admin/", *(f"/admin/{place.slug}/" for place in PLACES)])
def test_every_page_has_the_same_four_places(desk, page):
    answer = desk.get(page)

    assert answer.status_code == 200
    [group] = answer.context["sidebar_navigation"]
    for entry in group["items"]:
        assert f'href="{entry["link"]}"' in answer.text
    assert [entry["title"] for entry in group["items"]] == ["People", "Systems", "Rules", "Settings"]


def test_the_place_we_are_in_is_marked(desk):
    [group] = desk.get("/admin/rules/").context["sidebar_navigation"]

    assert [entry["title"] for entry in group["items"] if entry["active"]] == ["Rules"]


def test_home_says_what_each_place_is_for(desk):
    answer = desk.get("/admin/")

    for place in PLACES:
        assert place.words in answer.text


@pytest.mark.parametrize("page", ["/admin/", "/admin/people/"])
def test_nobody_gets_in_without_an_account(client, page):
    answer = client.get(page)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(("page", "then"), [("", "/admin/"), ("?next=/admin/people/", "/admin/people/")])
def test_signing_in_leads_to_where_one_wanted_to_go_or_home(client, django_user_model, page, then):
    django_user_model.objects.create_superuser("ana", password="a-long-pass-phrase")
    told = {"username": "ana", "password": "a-long-pass-phrase"}

    assert client.post(f"/admin/login/{page}", told).headers["Location"] == then


@pytest.mark.parametrize("page", ["/admin/login/", "/admin/"])
def test_staff_pages_have_the_policy_that_unfold_needs_and_no_more(desk, client, page):
    policy = desk.get(page, follow=True).headers["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "default-src 'self'" in policy
    assert "script-src 'self' 'unsafe-eval' 'unsafe-inline'" not in policy


@pytest.mark.parametrize("room", ["preferences", "destinations", "auth"])
def test_a_room_of_the_code_is_no_place_and_leads_home(admin_client, room):
    assert admin_client.get(f"/admin/{room}/").headers["Location"] == "/admin/"


@pytest.mark.parametrize(
    "page",
    [
        "preferences/category/",
        "preferences/change/",
        "destinations/destination/",
        "auth/user/",
        "preferences/apikey/",
    ],
)
def test_a_closed_page_says_so_within_the_site(desk, page):
    answer = desk.get(f"/admin/{page}")

    assert answer.status_code == 403
    assert "Your account may not open this page" in answer.text
    assert "Back to the start" in answer.text


@pytest.mark.parametrize("page", ["nope/", "people/00000000-0000-0000-0000-000000000000/"])
def test_what_is_not_there_is_told_within_the_site(desk, page):
    answer = desk.get(f"/admin/{page}")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert "Back to the start" in answer.text
