"""People get a plain page, programs get problem+json; neither learns anything about anybody."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
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


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_every_page_that_refuses_says_whose_it_is_and_where_to_go_on(client, status, language):
    path = "/nowhere" if status == 404 else "/fails"

    text = client.get(path, {"as": str(status), "language": language}).text

    assert '<p class="organisation">' in text
    assert 'hreflang="' in text
    assert '<a href="/">' in text
    assert 'class="language-help"' in text


def test_coming_back_to_a_page_that_takes_forms_only_gives_words_and_a_way_on(client):
    answer = client.get("/p/for")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "Nothing was changed." in answer.text
    assert '<a href="/">' in answer.text


def test_a_program_that_calls_in_the_wrong_way_gets_no_page(client):
    assert "<html" not in client.delete("/v1/profiles").text


def test_a_form_that_is_too_large_is_not_read_and_the_page_says_so(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    answer = client.post("/", {"address": "pat@example.org"})

    assert answer.status_code == 413
    assert "too large" in answer.text
    assert '<a href="/">' in answer.text


@pytest.mark.parametrize("page", ["/", "/admin/settings/look/"])
def test_files_that_are_too_large_are_not_read_whoever_sends_them(page):
    stranger = Client(enforce_csrf_checks=True)
    stranger.get("/")

    answer = stranger.post(page, {"upload": SimpleUploadedFile("a.png", bytes(5_000_000))})

    assert answer.status_code == 413
    assert "too large" in answer.text


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_program_gets_a_problem_document(client, status):
    answer = client.get("/v1/fails", {"as": str(status)})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert "pat@example.org" not in answer.text


def test_an_unknown_address_of_the_api_is_a_problem_too(client):
    assert client.get("/v1/nowhere").json()["title"] == "Not found"


def test_a_form_whose_cookie_is_gone_says_what_happened_and_the_way_on():
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/p", {"act": "stop"})

    assert answer.status_code == 403
    assert "<h1>Please open this page again</h1>" in answer.text
    assert "Your browser had lost what keeps the page open." in answer.text
    assert "open its link once more" in answer.text
    assert '<a href="/">' in answer.text
    assert "not open to you" not in answer.text


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
