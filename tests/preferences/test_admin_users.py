"""Accounts of staff: superusers manage them, nobody else sees them."""

import pytest
from django.contrib.auth.models import Permission

pytestmark = pytest.mark.django_db


def test_a_superuser_makes_an_account(admin_client, django_user_model):
    fields = {"username": "desk", "password1": "a-long-pass-phrase", "password2": "a-long-pass-phrase"}
    answer = admin_client.post("/admin/auth/user/add/", {**fields, "usable_password": "true"})

    assert answer.status_code == 302
    assert django_user_model.objects.filter(username="desk").exists()


@pytest.mark.parametrize("page", ["user", "group"])
def test_nobody_else_sees_accounts_or_groups(client, django_user_model, page):
    desk = django_user_model.objects.create_user("desk", is_staff=True)
    desk.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(desk)

    assert client.get(f"/admin/auth/{page}/").status_code == 403


def test_an_account_is_never_deleted_because_the_ledger_names_it(admin_client, admin_user):
    page = f"/admin/auth/user/{admin_user.pk}/delete/"

    assert admin_client.post(page, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("page", "queries"), [("user", 6), ("group", 5)])
def test_the_lists_take_the_same_queries(
    admin_client, django_user_model, django_assert_num_queries, page, queries
):
    for name in ("a", "b", "c"):
        django_user_model.objects.create_user(name)

    with django_assert_num_queries(queries):
        admin_client.get(f"/admin/auth/{page}/")
