"""A request is read as UTF-8, whatever it says of itself, and nobody's page fails for it."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

from config.wsgi import application
from portal.links import link_for
from portal.terms import Purpose
from preferences.selectors import decide
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db
ODD = ["hex", "rot13", "undefined", "utf-16", "unicode_escape"]


def sends(method, path, charset, body=b""):
    """As a server hands it on, but for what closes connections: a test's is open."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "language=en",
        "CONTENT_TYPE": f"text/plain; charset={charset}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "https",
    }
    setup_testing_defaults(environ)
    return application.get_response(application.request_class(environ))


@pytest.mark.parametrize("charset", ODD)
def test_an_odd_charset_keeps_nobody_from_an_answer(charset):
    answer = sends("GET", "/", charset)

    assert answer.status_code == 200
    assert answer.cookies["django_language"].value == "en"


@pytest.mark.parametrize("charset", [*ODD, "us-ascii"])
def test_the_one_click_of_a_mail_program_counts_in_whichever(charset):
    pat = PatientFactory.create()
    link = link_for(pat.id, "marketing_emails", purpose=Purpose.UNSUBSCRIBE)

    sends("POST", link, charset, b"List-Unsubscribe=One-Click")

    assert not decide(pat.id, "marketing_emails", "email").allowed
