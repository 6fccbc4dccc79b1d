"""The rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

ROOT: Path = settings.BASE_DIR
ROOMS = ["config", "portal", "destinations", "governance", "preferences"]  # from the top down


def sources() -> Iterator[Path]:
    """Every Python file of the rooms."""
    for room in ROOMS:
        yield from (path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def found(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Every node of that kind in the rooms, with where it stands."""
    for path in sources():
        for node in ast.walk(tree(path)):
            if isinstance(node, kind):
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


def test_no_rule_hides_in_a_model_signal():
    imports = [
        (where, f"{node.module}.{name.name}")
        for where, node in found(ast.ImportFrom)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    ]
    imports += [
        (where, name.name)
        for where, node in found(ast.Import)
        if isinstance(node, ast.Import)
        for name in node.names
    ]

    assert not [where for where, name in imports if name.startswith("django.db.models.signals")]
    assert not [where for where, name in imports if name == "django.dispatch.receiver"]


def test_no_rule_hides_in_a_save_method():
    hidden = [
        f"{where.rpartition(':')[0]} {node.name}.{method.name}"
        for where, node in found(ast.ClassDef)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "save"
    ]

    hidden.remove("config/sessions.py SessionStore.save")  # how sessions are kept: a store, and no model
    assert not hidden, "write a service instead"


def test_what_waits_for_a_commit_has_a_name():
    """Django names what failed there by its `__qualname__`: a partial has none, and fails the answer."""
    after_commit = [
        (where, node)
        for where, node in found(ast.Call)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("on_commit")
    ]

    assert not [where for where, node in after_commit if ast.unparse(node.args[0]).startswith("partial(")]


def test_every_file_is_named_for_its_concept():
    vague = {"utils", "util", "common", "helpers", "helper", "misc", "lib"}

    assert not [path for path in sources() if vague & {part.removesuffix(".py") for part in path.parts[-3:]}]


def test_foreign_keys_point_down_through_the_rooms():
    upward = [
        f"{field} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and isinstance(field.related_model, type)
        if _depth(field.related_model._meta.app_label) < _depth(model._meta.app_label)
    ]

    assert not upward


def _depth(label: str) -> int:
    """Django's own apps lie below all rooms."""
    return ROOMS.index(label) if label in ROOMS else len(ROOMS)


def documented(page: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / "docs" / page).read_text(), re.MULTILINE))


def environment_variables(path: str) -> set[str]:
    """What a file reads with `env.<kind>("NAME")`."""
    calls = [node for node in ast.walk(tree(ROOT / path)) if isinstance(node, ast.Call)]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_setting_has_its_line_and_no_line_is_left_over():
    read = environment_variables("config/settings.py") | environment_variables("config/gunicorn.py")

    assert documented("settings.md", r"^\| `([A-Z_]+)` \|") == read


def test_every_setting_of_ours_is_read_from_the_environment():
    ours = {name for name in dir(settings) if name.startswith("HEED_")}

    assert ours <= environment_variables("config/settings.py")


def test_every_command_has_its_page():
    commands = {name for name, app in get_commands().items() if app in ROOMS}

    assert documented("commands.md", r"^## `(\w+)`") == commands


@pytest.mark.parametrize("page", ["settings.md", "commands.md"])
def test_every_system_check_that_a_page_names_exists(page):
    ids = set(re.findall(r"heed\.[EW]\d{3}", "".join(path.read_text() for path in sources())))

    assert documented(page, r"heed\.[EW]\d{3}") <= ids


DECISION = ["Context", "Decision", "What would reopen it"]


def test_every_decision_says_why_and_what_would_reopen_it():
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = page.read_text()
        parts = re.findall(r"^\*\*([A-Z][a-z ]+)\.\*\*", text, re.MULTILINE)
        assert [part for part in parts if part != "What follows"] == DECISION, page.name
        assert len(text.splitlines()) <= 40, page.name
        assert re.match(r"\d{4}-[a-z0-9-]+\.md$", page.name)


def test_nothing_names_a_machine_of_ours():
    """Paths of one machine and registries' hosts have no place in files that others get."""
    kinds = {".py", ".md", ".toml", ".txt", ".in", ".yaml", ".yml", ".html", ".css", ".js", ""}
    places = [ROOT / "docs", ROOT / "tests", ROOT / "static", ROOT / ".ci", *(ROOT / room for room in ROOMS)]
    files = [path for place in places for path in place.rglob("*")]
    files += [path for path in ROOT.iterdir() if path.name != ".git"]  # a file where git keeps it elsewhere
    machine = re.compile(r"(?<![\w.])/(?:w[o]rk|r[o]ot|h[o]me)/[A-Za-z.]|index-url[ =]http")

    named = [
        path for path in files if path.is_file() and path.suffix in kinds and machine.search(_text(path))
    ]

    assert not [path.relative_to(ROOT) for path in named]


def _text(path: Path) -> str:
    return path.read_text(errors="replace")
