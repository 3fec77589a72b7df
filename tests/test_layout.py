"""The house stays one that a reader can hold in mind."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path for room in ("scoreboard", "cli") for path in (ROOT / room).rglob("*.py") if path.is_file()
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_400_lines_and_no_function_than_50(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 50
    ]
    assert not long


def test_no_room_is_called_by_a_word_that_says_nothing() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert not names & {"utils", "helpers", "common", "manager", "core", "base", "misc"}


def test_the_client_is_forbidden_every_room_of_the_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    forbidden = {
        name
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract.get("source_modules") == ["scoreboard.client"]
        for name in contract["forbidden_modules"]
    }
    rooms = {
        f"scoreboard.{path.stem}"
        for path in (ROOT / "scoreboard").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"scoreboard.__init__", "scoreboard.client"} <= forbidden
