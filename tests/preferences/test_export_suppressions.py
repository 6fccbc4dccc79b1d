"""`manage.py export_suppressions`: a file is whole, or it is not there."""

import hashlib
import json
import subprocess

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import CommandError, call_command

from preferences.models import DataKey, ViewLog
from tests.destinations.listed import marked
from tests.factories import PatientFactory
from tests.preferences.saying import address, chooses, into, out, t

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat():
    pat = PatientFactory.create()
    chooses(pat, out("marketing_emails"), at=t(1))
    marked()
    return pat


def export(path, **options):
    call_command("export_suppressions", output=path, verbosity=0, **options)
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_it_writes_the_list_for_its_owner_only_with_a_checksum_beside_it(tmp_path, pat):
    path = tmp_path / "out.ndjson"

    *lines, end = export(path)

    assert {line["value"] for line in lines} == {pat.email, str(pat.id)}
    assert end["rows"] == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out.ndjson.sha256").read_text() == (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  out.ndjson\n"
    )
    subprocess.run(["sha256sum", "--check", "--quiet", "out.ndjson.sha256"], cwd=tmp_path, check=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out.ndjson", "out.ndjson.sha256"]


def test_it_goes_on_where_the_last_file_ended(tmp_path, pat):
    *_, end = export(tmp_path / "first", category="marketing_emails")
    chooses(pat, into("marketing_emails"), at=t(2))
    marked()

    *lines, _ = export(tmp_path / "next", category="marketing_emails", since=end["cursor"])

    assert [line["denied"] for line in lines] == [False, False]


def test_a_list_that_breaks_off_leaves_the_file_before_it_alone(tmp_path, pat):
    path = tmp_path / "out.ndjson"
    export(path)
    before = path.read_bytes()
    DataKey.objects.filter(owner=address("email", pat.email)).update(wrapped=b"damaged")

    with pytest.raises(InvalidTag):
        export(path)

    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_csv_on_standard_output(capsys, pat):
    call_command("export_suppressions", format="csv", channel="email")

    told = capsys.readouterr()
    assert told.out.startswith("id,kind,value,category")
    assert told.out.splitlines()[-1].startswith("complete,")
    assert "2 rows, complete" in told.err


def test_that_it_left_is_logged(tmp_path, pat):
    export(tmp_path / "out.ndjson")

    seen = ViewLog.objects.get()
    assert (seen.page, seen.found) == ("export_suppressions", 2)
    assert seen.actor.endswith(" at the command line")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"category": "newsletter"}, "there is no category 'newsletter'"),
        ({"channel": "fax"}, "there is no channel 'fax'"),
        ({"since": "nonsense"}, "the cursor that an earlier list ended with"),
        ({"path": "missing/out.ndjson"}, "can't be written: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(tmp_path, pat, options, words):
    with pytest.raises(CommandError, match=words):
        export(tmp_path / options.pop("path", "out.ndjson"), **options)
