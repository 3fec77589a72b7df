"""Help, version, wrong usage, and how quickly they come."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import PROJECT, environment, run
from tests.cli_reference import leaves


@pytest.mark.parametrize("command", leaves(), ids=" ".join)
def test_every_command_explains_itself_by_an_example(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    shown = run(*command, "--help", cwd=tmp_path)
    assert shown.code == 0
    _, heading, examples = shown.out.partition("Example")
    assert heading
    assert f"scoreboard {' '.join(command)}" in examples


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = run("--help", cwd=tmp_path).out
    names = ("dev", "serve", "top", "doctor", "token", "keys", "db", "boards")
    assert all(name in shown for name in names)


def test_the_version_is_told(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).out == "scoreboard 0.1.0\n"


def test_an_unknown_command_is_wrong_usage(tmp_path: Path) -> None:
    assert run("nonsense", cwd=tmp_path).code == 2


def test_help_loads_no_library_of_the_service() -> None:
    heavy = {"aiohttp", "asyncpg", "aio_pika", "cryptography", "jwt", "redis", "rich"}
    script = f"import cli.main, sys; sys.exit(','.join({heavy!r} & set(sys.modules)) or 0)"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


# The program as its script starts it, and Ctrl-C as soon as a module of that name is to be loaded.
INTERRUPTED_AT = """
import signal, sys
from importlib.metadata import entry_points
(script,) = entry_points(group="console_scripts", name="scoreboard")
module = sys.argv.pop(1)
def on_event(name, details):
    if name == "import" and details[0] == module:
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(on_event)
script.load()()
"""


@pytest.mark.parametrize(
    "module", ["cli.main", "typer", "cli.loadtest.command", "scoreboard.ledger.migrations"]
)
def test_ctrl_c_while_the_program_is_being_loaded_is_told_as_any_other(
    module: str, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, module, "db", "status"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Interrupted.\n")
