"""What holds for every connector that is registered."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from destinations.connectors import CONNECTORS
from destinations.contract import By, Confirms, Glyph, Setting

ROOT = Path(__file__).parents[3]
DOCS, PICTURES = ROOT / "docs" / "connectors", ROOT / "static" / "heed" / "kinds"
SOURCE = re.compile(r"answer:[a-z_]+:[a-z]*|(all_out|suppressed|do_not_call|stop):[a-z]+")
SANDBOX_OF = {"http_address": "http", "csv": "sftp"}
WITHOUT_SANDBOX = {"manual": "a person acts on it", "owner_email": "a mail server is all that it takes"}
every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)


@every_connector
def test_it_is_registered_under_its_own_slug(connector):
    assert CONNECTORS[connector.slug] is connector
    assert type(connector).__module__ == f"destinations.connectors.{connector.slug}"


@every_connector
def test_it_has_a_page_a_sandbox_and_a_picture(connector):
    sandbox = SANDBOX_OF.get(connector.slug, connector.slug)

    assert (DOCS / f"{connector.slug}.md").is_file()
    assert (PICTURES / f"{connector.glyph}.svg").is_file()
    assert connector.slug in WITHOUT_SANDBOX or find_spec(f"destinations.sandbox.{sandbox}")


def test_every_picture_is_our_own_drawing_and_somebodys():
    drawn = {each.stem: each.read_text() for each in PICTURES.glob("*.svg")}

    assert set(drawn) == set(Glyph)
    assert all("<text" not in each and "<image" not in each for each in drawn.values())


@every_connector
def test_its_page_names_every_setting_call_and_target(connector):
    page = (DOCS / f"{connector.slug}.md").read_text()
    targets = [row["target"] for row in connector.rows]
    named = [*connector.settings, *(each.strip() for each in connector.may_call), *targets]

    assert [each for each in named if f"`{each}`" not in page] == []


@every_connector
def test_its_rows_have_sources_that_parse_and_targets_of_their_own(connector):
    targets = [row["target"] for row in connector.rows]

    assert all(SOURCE.fullmatch(row["source"]) for row in connector.rows)
    assert len(set(targets)) == len(targets)


@every_connector
def test_its_rows_point_where_it_says_that_rows_may_point(connector):
    assert connector.targets or not connector.takes_preferences
    for row in connector.rows:
        assert any(each.fits(row["target"]) for each in connector.targets), row["target"]
    assert all(each.fits(each.example) for each in connector.targets)


@every_connector
def test_its_rows_are_about_channels_that_it_declares(connector):
    channels = {row["source"].rpartition(":")[2] for row in connector.rows} - {""}

    assert channels <= connector.channels


@every_connector
def test_it_says_where_it_goes_and_marks_what_is_secret(connector):
    assert all(isinstance(each, Setting) for each in connector.settings.values())
    assert "base_url" in connector.settings or not connector.may_call
    assert connector.secrets() or connector.confirms is Confirms.BY_HAND
    assert connector.addresses in By


@every_connector
def test_no_call_that_it_may_make_empties_a_list(connector):
    """A DELETE names one member at its end; `*` stands for one segment and never for a slash."""
    for declared in connector.may_call:
        method, _, path = declared.partition(" ")
        assert method in {"GET", "POST", "PUT", "PATCH", "DELETE", "SEND", "CONNECT", "MAIL"}
        assert "**" not in path
        if method == "DELETE":
            # Members of an audience stand in the body: without them, that call takes nobody out.
            assert re.search(r"/(suppressions|global)/\*$|^/\*/\*/users$", path)
