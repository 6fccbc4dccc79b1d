"""The API's document says all there is, is valid, and its examples fit what it says of them."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver
from openapi_spec_validator import validate

from config.openapi import document, routes
from config.urls import urlpatterns
from preferences.api.problems import KINDS
from preferences.models import ViewLog
from preferences.terms import Scope
from tests.preferences.api.conforming import fits

PAGE = (settings.BASE_DIR / "docs" / "api.md").read_text()
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for methods in document()["paths"].values()
    for operation in methods.values()
]


def test_it_is_valid():
    validate(json.loads(json.dumps(document())))


@pytest.mark.parametrize(("route", "view"), list(routes()))
def test_each_method_of_each_route_is_declared_beside_its_view(route, view):
    methods = {name.upper() for name in view.http_method_names if hasattr(view, name)} - {"HEAD", "OPTIONS"}

    assert set(view.operations) == methods


def test_nothing_else_answers_under_v1():
    known = {f"v1/{route}" for route, _ in routes()} | {"v1/openapi.json", "v1/docs"}
    included = [
        f"v1/{route.pattern}"
        for place in urlpatterns
        if isinstance(place, URLResolver) and str(place.pattern) == "v1/"
        for route in place.url_patterns
    ]
    plain = [str(place.pattern) for place in urlpatterns if isinstance(place, URLPattern)]
    answering = {*included, *(each for each in plain if each.startswith("v1/"))}

    assert {route.rstrip("/") for route in answering} <= known
    assert len(known) > 15


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_it_shows_fits_what_it_says(operation):
    for content in operation.get("requestBody", {"content": {}})["content"].values():
        fits(content["example"], content["schema"])
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            if status == "200":
                fits(content["example"], content["schema"])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_says_which_keys_may_and_what_can_go_wrong(operation):
    words = operation["description"]
    assert "Any key may." in words or any(f"`{scope.value}`" in words for scope in Scope)
    assert {"401", "403", "429"} <= set(operation["responses"])


def test_every_problem_is_explained_on_the_page_for_partners():
    assert [code for code in KINDS if f"`{code}`" not in PAGE] == []


def test_every_scope_is_explained_on_the_page_for_partners():
    assert [scope for scope in Scope if f"`{scope.value}`" not in PAGE] == []


def test_it_is_served_to_whoever_asks_and_kept_until_it_changes(client):
    answer = client.get("/v1/openapi.json")
    again = client.get("/v1/openapi.json", headers={"if-none-match": answer.headers["ETag"]})

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["openapi"].startswith("3.1")
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/v1/docs", "/v1/docs/"])
def test_the_page_loads_nothing_from_elsewhere(path):
    html = Client().get(path).text

    assert re.findall(r'(?:src|href)="([^"]+)"', html)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
    assert "<style" not in html


@pytest.mark.django_db
def test_reading_it_looks_at_nobody(client):
    client.get("/v1/docs")

    assert not ViewLog.objects.exists()
