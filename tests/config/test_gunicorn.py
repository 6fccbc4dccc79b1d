"""What gunicorn hands on of a request that a proxy passed along."""

from io import BytesIO
from socket import socket

from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from config import gunicorn

PROXY = ("127.0.0.1", 50_000)


def handed_on(*lines):
    """By its own settings, and ours over them."""
    settings = Config()
    for name, value in vars(gunicorn).items():
        if name in settings.settings:
            settings.set(name, value)
    raw = "\r\n".join([*lines, "Host: heed.example", "", ""]).encode()
    request = next(RequestParser(settings, BytesIO(raw), PROXY))
    with socket() as connection:
        return create(request, connection, PROXY, ("127.0.0.1", 8000), settings)[1]


def test_no_stranger_says_where_the_application_begins():
    """A proxy that lets nobody to /admin/ lets this pass, and not every proxy drops such a header."""
    environ = handed_on("GET /x/admin/ HTTP/1.1", "SCRIPT_NAME: /x")

    assert environ["PATH_INFO"] == "/x/admin/"
    assert not environ["SCRIPT_NAME"]


def test_no_stranger_says_by_another_spelling_where_they_come_from():
    environ = handed_on("GET / HTTP/1.1", "X_Forwarded_For: 203.0.113.9", "X-Forwarded-For: 198.51.100.7")

    assert environ["HTTP_X_FORWARDED_FOR"] == "198.51.100.7"
