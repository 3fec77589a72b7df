"""The checks of the TypeScript client on its own."""

from __future__ import annotations

import asyncio
import json
import re

from tests.sdk.package import FOLDER, compile_tests, run


def test_its_tests_pass() -> None:
    compile_tests()
    report = asyncio.run(run("npm", "run", "--silent", "test:node"))
    passed = re.search(r"^# pass (\d+)$", report, re.MULTILINE)
    skipped = re.search(r"^# skipped (\d+)$", report, re.MULTILINE)
    assert passed is not None
    assert skipped is not None
    assert int(passed[1]) > 100
    assert int(skipped[1]) == 0


def test_its_version_is_the_services() -> None:
    package = json.loads((FOLDER / "package.json").read_text("utf-8"))
    described = json.loads(
        (FOLDER.parents[1] / "scoreboard" / "web" / "openapi.json").read_text("utf-8")
    )
    assert package["version"] == described["info"]["version"]


def test_its_readme_names_every_method_and_everything_that_a_board_shows() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    types = (FOLDER / "src" / "types.ts").read_text("utf-8")
    state = types.partition("interface BoardState")[2]
    methods = set(re.findall(r"^ {2}(\w+)\(", types.partition("interface Board ")[0], re.MULTILINE))
    assert methods == set(re.findall(r"^\| `(\w+)\(", text, re.MULTILINE))
    for member in re.findall(r"^ {2}readonly (\w+):", state, re.MULTILINE):
        assert f"`{member}`" in text
