"""R20: no identifier, address or secret where it does not belong."""

import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from preferences import keys
from preferences.errors import Malformed
from preferences.identity import named as read
from preferences.models import Source, ViewLog
from preferences.selectors import Question
from preferences.services import Call, issue_key, key_for, log_view, revoke_key
from preferences.terms import Scope
from tests.factories import PatientFactory
from tests.preferences.saying import by_system, chooses, named, on_page, out, tells

pytestmark = pytest.mark.django_db
SECRETS = ("pat.secret@example.org", "2025550177", "MRN-4711", "ext-4711", "dear doctor", "m-4711")


@pytest.fixture
def recorded():
    """Everything that tells who somebody is, in every place where it may be said."""
    said = by_system(evidence={"text": "dear doctor"})
    told = tells(
        out("patient_surveys"),
        external_id="ext-4711",
        mrn="MRN-4711",
        email="Pat.Secret@example.org",
        phone="+12025550177",
        message_id="m-4711",
        said=said,
    )
    tells(out("patient_surveys"), email="pat.secret@example.org", message_id="m-4711", said=said)
    chooses(told.profile_id, out(), said=on_page(evidence={"text": "dear doctor"}))
    return told


def everything_stored():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("preferences_", "django_q_")):
                cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
                yield from (value for row in cursor.fetchall() for value in row)


def test_no_identifier_or_message_text_lies_in_the_clear(recorded):
    stored = list(everything_stored())
    assert stored

    for value in stored:
        told = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        assert not [secret for secret in SECRETS if secret.encode() in told]


def test_a_fingerprint_can_not_be_made_without_the_key(recorded, settings):
    ours = keys.fingerprint("email", "", "pat.secret@example.org")
    settings.HEED_KEYS = ["other:" + "b3RoZXIga2V5czogMzIgYnl0ZXMsIG5vIHNlY3JldCE="]

    assert keys.fingerprint("email", "", "pat.secret@example.org") != ours


def test_nothing_of_it_is_logged(caplog):
    with caplog.at_level(logging.DEBUG, logger="preferences"):
        tells(out("patient_surveys"), email="pat.secret@example.org", phone="+12025550177")

    assert caplog.records == []


@pytest.mark.parametrize(
    "thing",
    [
        lambda: named("email", "pat.secret@example.org"),
        lambda: Question(named=named("email", "pat.secret@example.org")),
        lambda: Call((named("phone", "+12025550177"),), content=b"dear doctor"),
        lambda: on_page(evidence={"text": "dear doctor"}),
        lambda: on_page(evidence={"text": "dear doctor"}).origin(timezone.now()),
        keys.current_key,
        lambda: issue_key(source=Source.objects.get(slug="staff"), name="k", scopes=[Scope.WRITE_CHOICES]),
    ],
    ids=["identifier", "question", "call", "said", "origin", "key", "API key"],
)
def test_what_shows_up_in_an_error_report_tells_nothing(thing):
    shown = repr(thing())

    assert not [secret for secret in SECRETS if secret in shown]
    assert not re.search(r"heed_\w{8}_", shown)
    assert repr(keys.current_key().secret) not in shown


def test_refusals_do_not_repeat_what_was_sent():
    for kind, value in [("email", "pat.secret@"), ("phone", "2025550177 or so"), ("mrn", "MRN-4711\x00")]:
        with pytest.raises(Malformed) as refused:
            read(kind, value)
        assert not [part for part in ("pat.secret", "2025550177", "MRN") if part in str(refused.value)]


def test_a_view_of_a_person_is_noted():
    pat = PatientFactory.create()
    log_view(actor="key:abcd2345", page="preferences", profile_id=pat.id)
    log_view(actor="ann", page="search", found=3)

    assert list(ViewLog.objects.order_by("id").values_list("actor", "page", "profile", "found")) == [
        ("key:abcd2345", "preferences", pat.id, None),
        ("ann", "search", None, 3),
    ]


# --- API keys ---


@pytest.fixture
def issued():
    return issue_key(source=Source.objects.get(slug="staff"), name="k", scopes=[Scope.WRITE_CHOICES])


def test_a_key_is_shown_once_and_kept_as_a_hash(issued):
    assert key_for(issued.secret) == issued.key
    assert issued.secret.encode() not in b"".join(
        bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        for value in everything_stored()
    )


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda secret: "",
        lambda secret: secret[:-1],
        lambda secret: secret[:-1] + ("a" if secret[-1] != "a" else "b"),
        lambda secret: secret.replace("heed_", "need_"),
        lambda secret: secret[:5] + "\x00" * 8 + secret[13:],
        lambda secret: secret[:-1] + "\ud800",
        lambda secret: "x" * 100_000,
    ],
    ids=["none", "short", "other", "prefix", "NUL", "surrogate", "long"],
)
def test_anything_else_is_no_key(issued, spoiled):
    assert key_for(spoiled(issued.secret)) is None


def test_a_key_ends_with_its_time_its_revocation_and_its_source(issued):
    source = issued.key.source
    past = timezone.now() - timedelta(seconds=1)
    assert key_for(issue_key(source=source, name="k", scopes=[], expires_at=past).secret) is None

    revoke_key(key=issued.key)
    assert key_for(issued.secret) is None

    other = issue_key(source=source, name="k", scopes=[])
    Source.objects.filter(pk=source.pk).update(is_active=False)
    assert key_for(other.secret) is None
