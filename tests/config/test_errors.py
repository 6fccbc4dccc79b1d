"""People get a plain page, programs get problem+json; neither learns anything about anybody."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config import urls


def refuse(request: HttpRequest) -> HttpResponse:
    """A view that fails as it is told to."""
    problems = {"403": PermissionDenied, "400": SuspiciousOperation, "500": ZeroDivisionError}
    raise problems[request.GET["as"]]("pat@example.org")


urlpatterns = [*urls.urlpatterns, path("fails", refuse), path("v1/fails", refuse)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_person_gets_a_page_with_a_reference(client, status):
    answer = client.get("/fails", {"as": str(status)})

    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert "pat@example.org" not in answer.text


def test_a_page_that_is_not_there_says_how_to_get_a_new_link(client):
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "Ask for a new link" in answer.text


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_program_gets_a_problem_document(client, status):
    answer = client.get("/v1/fails", {"as": str(status)})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert "pat@example.org" not in answer.text


def test_an_unknown_address_of_the_api_is_a_problem_too(client):
    assert client.get("/v1/nowhere").json()["title"] == "Not found"


def test_a_form_without_its_cookie_gets_the_friendly_page():
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/fails", {"as": "403"})

    assert answer.status_code == 403
    assert "reload the page" in answer.text


def test_error_pages_keep_the_strict_content_policy(client):
    answer = client.get("/nowhere")

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_browsers_find_an_icon(client):
    answer = client.get("/favicon.ico")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
