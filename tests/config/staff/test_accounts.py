"""Accounts and roles of staff: administrators manage them, nobody else sees them."""

import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import URLPattern, URLResolver

from config.staff import permissions, rights
from tests.config.staff import desk

pytestmark = pytest.mark.django_db
STAFF, ROLES = "/admin/auth/user/", "/admin/auth/group/"


@pytest.fixture
def role():
    return Group.objects.create(name="Desk")


@pytest.fixture
def ben(django_user_model):
    return django_user_model.objects.create_user("ben", is_staff=True)


def test_an_administrator_makes_an_account_that_may_sign_in_and_nothing_else(admin_client, django_user_model):
    fields = {"username": "desk", "password1": "a-long-pass-phrase", "password2": "a-long-pass-phrase"}
    answer = admin_client.post(f"{STAFF}add/", fields)

    assert answer.status_code == 302
    made = django_user_model.objects.get(username="desk")
    assert made.is_staff
    assert made.has_usable_password()
    assert not rights.has_any(made)


@pytest.mark.parametrize("page", [STAFF, ROLES])
def test_nobody_else_sees_accounts_or_roles(client, ben, page):
    ben.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(desk.allow(ben, "view_profile"))

    assert client.get(page).status_code == 403


def test_an_account_is_never_deleted_or_renamed_because_the_ledger_names_it(admin_client, ben):
    page = f"{STAFF}{ben.pk}/"
    admin_client.post(f"{page}change/", {"username": "benjamin", "is_active": "on"})
    ben.refresh_from_db()

    assert admin_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert ben.username == "ben"


def test_roles_come_from_the_form_of_an_account(admin_client, ben, role):
    role.permissions.set(rights.rows([permissions.SEE_PEOPLE]))
    given = {"is_active": "on", "groups": [role.pk], "rights": [permissions.SEE_SYSTEMS]}
    admin_client.post(f"{STAFF}{ben.pk}/change/", given)
    ben.refresh_from_db()

    assert ben.has_perm(permissions.SEE_PEOPLE)
    assert ben.has_perm(permissions.SEE_SYSTEMS)
    assert not ben.has_perm(permissions.RECORD)


@pytest.mark.parametrize("sent", [{}, {"is_active": ""}, {"is_superuser": ""}])
def test_administrators_cannot_lock_themselves_out(admin_client, admin_user, sent):
    assert admin_client.post(f"{STAFF}{admin_user.pk}/change/", sent).status_code == 302
    admin_user.refresh_from_db()

    assert admin_user.is_active
    assert admin_user.is_staff
    assert admin_user.is_superuser


def test_an_administrator_takes_the_way_in_from_somebody_else(admin_client, ben):
    admin_client.post(f"{STAFF}{ben.pk}/change/", {})
    ben.refresh_from_db()

    assert not ben.is_active


def test_ones_own_password_cannot_be_taken_away(admin_client, admin_user):
    taken = {"usable_password": "false"}
    answer = admin_client.post(f"{STAFF}{admin_user.pk}/password/", taken)
    admin_user.refresh_from_db()

    assert answer.headers["Location"] == "/admin/password_change/"
    assert admin_user.has_usable_password()


def test_a_role_speaks_of_rights_in_words_not_of_permissions(admin_client, role):
    text = admin_client.get(f"{ROLES}{role.pk}/change/").text

    for right in rights.RIGHTS.values():
        assert right.title in text
        assert right.words in text
    assert "Can add" not in text
    assert "preferences |" not in text


def test_the_lists_are_headed_as_the_places_call_them(admin_client, role, ben):
    staff, roles = (re.sub(r"\s+", " ", admin_client.get(page).text) for page in (STAFF, ROLES))

    assert "Add staff account" in staff
    assert "Add role" in roles
    assert not re.search(r"\b(Users?|Groups?)\b", re.sub(r"<[^>]*>", " ", staff + roles))


def test_a_role_can_start_from_one_that_fits_most_and_is_saved_with_its_rights(admin_client):
    form = admin_client.get(f"{ROLES}add/?like=auditor").context["adminform"].form
    admin_client.post(f"{ROLES}add/", {"name": form["name"].value(), "rights": form["rights"].value()})

    [auditor] = [each for each in rights.PRESETS if each.slug == "auditor"]
    kept = Group.objects.get(name="Auditor").permissions.all()
    assert {each.permission for each in rights.given(kept)} == auditor.permissions


def test_the_lists_say_how_much_a_role_lets_one_do_and_who_has_it(admin_client, role, ben):
    role.permissions.set(rights.rows([permissions.SEE_LEDGER]))
    ben.groups.add(role)

    assert "1 about people" in admin_client.get(ROLES).text
    assert "Desk" in admin_client.get(STAFF).text


def test_every_right_is_a_permission_that_exists():
    assert rights.rows(list(rights.RIGHTS)).count() == len(rights.RIGHTS)


def test_every_permission_that_the_code_asks_for_can_be_given():
    asked = set()
    for room in ("config", "destinations", "governance", "preferences", "portal"):
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            rooms, acts = "preferences|destinations|governance", "view|add|change|void|merge|set|lift"
            named = rf'"((?:{rooms})\.(?:{acts})_[a-z]+)"'
            asked |= set(re.findall(named, path.read_text()))

    assert asked == set(rights.RIGHTS)


@pytest.mark.parametrize(("page", "queries"), [(STAFF, 6), (ROLES, 6)])
def test_the_lists_take_the_same_queries(
    admin_client, django_user_model, django_assert_num_queries, page, queries
):
    for name in ("a", "b", "c"):
        django_user_model.objects.create_user(name).groups.add(Group.objects.create(name=name))

    with django_assert_num_queries(queries):
        admin_client.get(page)


def addresses(found, before="/admin/"):
    """Every address of the staff site, with something put in for each of its parts."""
    for each in found:
        own = re.sub(r"<uuid:\w+>", "00000000-0000-0000-0000-000000000000", str(each.pattern))
        own = before + re.sub(r"<(?:\w+:)?\w+>|\(\?P<\w+>[^)]*\)\??", "1", own).lstrip("^").rstrip("$")
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, own)
        elif isinstance(each, URLPattern):
            yield own


ADDRESSES = sorted(set(addresses(admin.site.get_urls())))
ABOUT_ONESELF = ("login/", "logout/", "password_change/", "password_change/done/")


@pytest.mark.parametrize("page", [each for each in ADDRESSES if not each.endswith(ABOUT_ONESELF)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_any_right_every_page_says_whom_to_ask_and_nothing_else(client, ben, joan, page, method):
    desk.telling(joan)
    client.force_login(ben)
    answer = getattr(client, method)(page)

    assert answer.status_code == 403
    assert "Ask an administrator" in answer.text
    assert "Mail service" not in answer.text


def test_a_password_can_be_changed_without_any_right(client, ben):
    client.force_login(ben)

    assert client.get("/admin/password_change/").status_code == 200


OPEN_TO_ALL = {
    "/admin/",
    "/admin/systems/",
    "/admin/rules/",
    "/admin/settings/",
    "/admin/jsi18n/",
    "/admin/search/",
    *(f"/admin/{each}" for each in ABOUT_ONESELF),
}


@pytest.mark.parametrize("page", [each for each in ADDRESSES if each not in OPEN_TO_ALL])
def test_a_right_that_is_about_something_else_opens_no_page(newcomer, joan, page):
    desk.telling(joan)
    answer = newcomer.get(page, follow=True)

    own = page.startswith("/admin/preferences/source/") or answer.redirect_chain
    assert own or answer.status_code in {403, 404, 405}
    assert "Mail service" not in answer.text


def test_home_shows_figures_and_systems_to_whoever_may_see_what_is_behind_them(client, ben, joan):
    desk.telling(joan)
    client.force_login(desk.allow(ben, "view_change"))
    page = client.get("/admin/").context["page"]

    assert [each.words for each in page.figures] == ["changes recorded today"]
    assert not page.systems
    assert not page.alarms


def test_a_place_with_nothing_open_in_it_says_so(client, ben):
    client.force_login(desk.allow(ben, "view_profile"))

    assert "Nothing here is open to your account" in client.get("/admin/settings/").text
