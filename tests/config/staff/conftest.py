"""A member of staff at a browser, and somebody whom the clinic knows."""

import pytest

from tests.config.staff import desk
from tests.portal import people


@pytest.fixture
def user(django_user_model):
    return desk.allow(django_user_model.objects.create_user("maria", is_staff=True), *desk.ALL)


@pytest.fixture
def staff(client, user):
    """Maria, who may see people, record for them, and have systems told again."""
    client.force_login(user)
    return client


@pytest.fixture
def newcomer(client, django_user_model):
    """Staff who may do next to nothing, and nothing about people or systems."""
    client.force_login(desk.allow(django_user_model.objects.create_user("new", is_staff=True), "view_source"))
    return client


@pytest.fixture
def joan():
    return people.person()
