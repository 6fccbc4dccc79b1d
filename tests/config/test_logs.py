"""Nothing that leads to a person reaches a log, whichever way it was handed over."""

import json
import logging
import time
import uuid
from io import StringIO

import pytest
from django.test import RequestFactory

from config.logs import ScrubbedJson
from config.scrubbing import scrub

ADDRESS = "Pat.Doe+surveys@mail.example.org"
PHONES = ["+14155552671", "415-555-2671", "(415) 555-2671", "+44 20 7946 0958", "14155552671", "415.555.2671"]
TOKEN = "AQIDs3cret-Link_token"


class Talkative:
    def __init__(self, secret):
        self.secret = secret

    def __str__(self):
        return f"<Profile of {self.secret}>"


@pytest.fixture
def log():
    """A logger that ends where production's do, and what was written there."""
    output = StringIO()
    handler = logging.StreamHandler(output)
    configured = logging.getLogger().handlers
    handler.setFormatter(next(h.formatter for h in configured if isinstance(h.formatter, ScrubbedJson)))
    logger = logging.getLogger("heed.test")
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    logger.propagate = False
    yield logger, output
    logger.removeHandler(handler)
    logger.propagate = True


def _by_message(logger, secret):
    logger.info("opted out: " + secret)  # noqa: G003


def _by_argument(logger, secret):
    logger.info("opted out: %s", secret)


def _by_named_argument(logger, secret):
    logger.info("opted out: %(who)s", {"who": secret})


def _by_object(logger, secret):
    logger.info("opted out: %s", Talkative(secret), extra={"subject": Talkative(secret)})


def _by_extra(logger, secret):
    logger.info("opted out", extra={"about": secret})


def _by_extra_inside(logger, secret):
    logger.info("opted out", extra={"about": {"list": [{secret: (secret, {secret})}]}})


def _by_dictionary_as_message(logger, secret):
    logger.info({"event": "opted out", "about": secret})


def _by_exception(logger, secret):
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("it failed")


def _by_cause_and_note(logger, secret):
    try:
        try:
            raise KeyError(secret)
        except KeyError as problem:
            problem.add_note(secret)
            raise RuntimeError("outer") from problem
    except RuntimeError as problem:
        logger.error("it failed", exc_info=problem)


def _by_local_variable(logger, secret):
    whom = secret
    try:
        raise RuntimeError("it has no message, but locals")  # the traceback must not print `whom`
    except RuntimeError:
        logger.warning("it failed %s", len(whom), exc_info=True, stack_info=True)


def _by_address_in_url(logger, secret):
    logger.info("GET %s", "/find/?q=" + secret.replace("@", "%40"))


WAYS = [
    _by_message,
    _by_argument,
    _by_named_argument,
    _by_object,
    _by_extra,
    _by_extra_inside,
    _by_dictionary_as_message,
    _by_exception,
    _by_cause_and_note,
    _by_local_variable,
    _by_address_in_url,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", [ADDRESS, *PHONES])
def test_an_identifier_is_nowhere_in_the_output(log, way, secret):
    logger, output = log

    way(logger, secret)

    record = json.loads(output.getvalue())
    written = json.dumps([value for name, value in record.items() if name not in {"at", "process"}])
    assert secret not in written
    assert "Doe" not in written
    assert "555" not in written
    assert "7946" not in written


@pytest.mark.parametrize("field", ["email", "phone", "mrn", "traits", "body", "Authorization", "userId"])
def test_a_field_that_names_what_it_holds_is_never_written(log, field):
    logger, output = log

    logger.info("seen", extra={field: "anything at all", "inside": {field: "anything at all"}})

    assert "anything" not in output.getvalue()


def test_tokens_and_queries_are_taken_out_of_paths(log):
    logger, output = log
    request = RequestFactory().get(f"/p/{TOKEN}", {"email": ADDRESS})

    logger.warning("Not Found: %s", request.get_full_path(), extra={"request": request, "status_code": 404})
    logger.warning("Error handling request https://heed.example.org/u/%s?x=%s", TOKEN, "Doe")

    assert TOKEN not in output.getvalue()
    assert "Doe" not in output.getvalue()
    assert "/p/[token]" in output.getvalue()
    assert "/u/[token]" in output.getvalue()


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("key heed_a1B2c3D4_s3cretS3cret was used", "key heed_a1B2c3D4_[key] was used"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [key]"),
        ("postgres://heed:s3cret@db/heed", "postgres://[credentials]@db/heed"),
        ("DETAIL:  Key (slug)=(hiv_care) already exists.", "DETAIL: [hidden]"),
        ("MRN 00482913 is unknown", "MRN [number] is unknown"),
    ],
)
def test_keys_and_rows_are_taken_out(said, written):
    assert scrub(said) == written


@pytest.mark.parametrize(
    "plain",
    [
        "propagation 3f2504e0-4f89-41d3-9a0c-0305e82c3301 is stuck",
        "profile 12345678-1234-4234-8234-123456789012",
        "due 2026-11-24T09:30:00.123456+00:00, recorded 2026-11-24 09:30:00",
        "took 1204 ms, 12 of 15000 rows",
        'File "preferences/services.py", line 214, in record',
    ],
)
def test_what_operators_need_stays(plain):
    assert scrub(plain) == plain


def test_a_line_carries_the_id_of_its_request(client, caplog):
    caplog.set_level("INFO", logger="heed.request")

    first, second = client.get("/healthz"), client.get("/healthz")

    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert [record.getMessage() for record in caplog.records] == ["GET /healthz", "GET /healthz"]


def test_an_id_from_outside_is_not_taken_over(client):
    answer = client.get("/healthz", headers={"X-Request-ID": ADDRESS})

    assert ADDRESS not in answer.headers["X-Request-ID"]


@pytest.mark.parametrize("part", ["a", "1", "1.", "%4", "abcdef12-", "@", "://", "heed_"])
def test_a_long_path_takes_no_time_to_be_scrubbed(part):
    """Whoever asks for one that does not exist has it logged."""
    path, began = "/" + part * (20_000 // len(part)), time.process_time()

    scrub(f"Not Found: {path}")

    assert time.process_time() - began < 0.5


@pytest.mark.django_db
def test_the_line_about_a_request_names_the_route_not_the_path(client, caplog):
    caplog.set_level("INFO", logger="heed.request")

    client.get(f"/nowhere/{uuid.uuid4()}/{ADDRESS}")

    assert "GET (no route)" in caplog.text
    assert "Doe" not in "".join(r.getMessage() for r in caplog.records if r.name == "heed.request")


def test_every_logger_ends_at_the_scrubbing_handler():
    """A logger with a handler of its own would go round it."""
    for name in (
        "django",
        "django.server",
        "django.request",
        "django-q",
        "gunicorn.error",
    ):
        assert not logging.getLogger(name).handlers
        assert logging.getLogger(name).propagate
