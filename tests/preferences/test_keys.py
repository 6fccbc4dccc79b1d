"""Keys: rotation loses nobody, and each lock opens only with its own key."""

import base64
import hmac
import os
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag

from preferences import identity, keys, ledger, selectors
from preferences.models import Change, DataKey, Identifier
from tests.factories import PatientFactory
from tests.preferences.saying import address, asked, chooses, named, on_page, out, tells

pytestmark = pytest.mark.django_db


def rotated(settings):
    """HEED_KEYS with a new first key."""
    number = len(settings.HEED_KEYS) + 1
    return [f"k{number}:" + base64.b64encode(os.urandom(32)).decode(), *settings.HEED_KEYS]


# --- rotation ---


@pytest.fixture(params=[1, 3], ids=["one rotation", "three rotations"])
def before(request, settings):
    """Somebody who opted out before the keys were rotated."""
    pat = PatientFactory.create(email="pat@example.org")
    chooses(pat, out("patient_surveys"), said=on_page(evidence={"text": "no more, please"}))
    for _ in range(request.param):
        settings.HEED_KEYS = rotated(settings)
    return pat


def test_after_a_rotation_everybody_is_found(before):
    assert address("email", "pat@example.org") in {
        each.id for each in selectors.people([before.id])[before.id].held
    }
    assert tells(email="pat@example.org").profile_id == before.id
    assert identity.find_people(named("external_id", before.external_id)) == [before.id]
    assert not asked("patient_surveys", "email", email="pat@example.org").allowed


def test_after_a_rotation_nobody_is_made_twice(before):
    count = Identifier.objects.count()
    tells(external_id=before.external_id, email="pat@example.org", phone=before.phone)

    assert Identifier.objects.count() == count


def test_after_a_rotation_everything_is_decrypted(before):
    email = address("email", "pat@example.org")

    assert selectors.plaintexts([email]) == {email: "pat@example.org"}
    assert evidence_of(before.id) == {"text": "no more, please"}


def test_evidence_of_before_and_after_a_rotation_lies_under_one_key(before):
    chooses(before, out(), said=on_page(evidence={"text": "nothing at all"}))

    assert evidence_of(before.id) == {"text": "nothing at all"}
    assert DataKey.objects.filter(owner=before.id, use=DataKey.EVIDENCE).count() == 1


def test_what_is_new_is_written_under_the_current_key(before, settings):
    email = address("email", "new@example.org")

    assert Identifier.objects.get(pk=email).generation == len(settings.HEED_KEYS)
    assert DataKey.objects.get(owner=email).key_id == settings.HEED_KEYS[0].partition(":")[0]


def test_one_layer_more_needs_no_plaintext(before, settings):
    """What `rotate_keys` will do: the newest layer laid around what is stored."""
    row = Identifier.objects.get(pk=address("email", "pat@example.org"))
    layers = keys.fingerprints("email", "", "pat@example.org")
    assert bytes(row.fingerprint) == layers[row.generation - 1]

    laid = bytes(row.fingerprint)
    for key in list(reversed(keys.master_keys()))[row.generation :]:
        laid = keys.layered(key, laid)

    assert laid == layers[-1] == keys.fingerprint("email", "", "pat@example.org")


def test_without_the_old_key_nobody_can_read(before, settings):
    settings.HEED_KEYS = settings.HEED_KEYS[:1]

    assert not identity.find([named("email", "pat@example.org")])
    with pytest.raises(KeyError, match="HEED_KEYS no longer lists"):
        selectors.plaintexts(Identifier.objects.filter(kind="email").values_list("id", flat=True))


def evidence_of(subject):
    change = Change.objects.filter(subject_id=subject, evidence__isnull=False).latest("seq")
    row = DataKey.objects.get(owner=subject, use=DataKey.EVIDENCE)
    wrapped = keys.Wrapped(row.key_id, bytes(row.nonce), bytes(row.wrapped))
    return ledger.read_evidence(bytes(change.evidence or b""), subject, wrapped)


# --- locks ---


def test_a_data_key_opens_only_for_its_own_row():
    owner, other = os.urandom(16), os.urandom(16)
    wrapped = keys.wrap(keys.new_data_key(), owner)

    with pytest.raises(InvalidTag):
        keys.unwrap(wrapped, other)
    with pytest.raises(InvalidTag):
        keys.unwrap(replace(wrapped, ciphertext=wrapped.ciphertext[:-1] + b"x"), owner)


def test_each_use_has_a_key_of_its_own():
    key = keys.current_key()

    assert len({key.derive(use) for use in ("wrap", "fingerprint", "link", "digest")}) == 4


def test_a_fingerprint_is_the_hmac_that_every_library_makes():
    """A key rotated in by another tool, or an export compared elsewhere, must find the same people."""
    expected = b"email||pat@example.org"
    for key in reversed(keys.master_keys()):
        expected = hmac.digest(key.derive("fingerprint"), expected, "sha256")

    assert keys.fingerprint("email", "", "pat@example.org") == expected


def test_every_identifier_has_a_data_key_of_its_own():
    PatientFactory.create()

    assert DataKey.objects.filter(use=DataKey.VALUE).count() == Identifier.objects.count() == 4


def test_an_identifier_whose_key_is_gone_is_left_out_and_still_decides():
    pat = PatientFactory.create()
    chooses(pat, out("patient_surveys"))
    email = address("email", pat.email)
    DataKey.objects.filter(owner=email).delete()

    assert selectors.plaintexts([email]) == {}
    assert not asked("patient_surveys", "email", email=pat.email).allowed


def test_evidence_whose_key_is_gone_is_gone():
    pat = PatientFactory.create()
    chooses(pat, out(), said=on_page(evidence={"ip": "192.0.2.1"}))
    evidence = Change.objects.latest("id").evidence

    assert evidence
    assert ledger.read_evidence(bytes(evidence), pat.id, None) is None
