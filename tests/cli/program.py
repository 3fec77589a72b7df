"""Runs the program as users do, without the settings of whoever runs the tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli.main import app

PROJECT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-m", "cli.start")
ENDED_TIMEOUT_S = 40.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever the line holds
        """Stdout as the one line of JSON that it must be."""
        (line,) = self.out.splitlines()
        return json.loads(line)


def environment(variables: Mapping[str, str] = {}) -> dict[str, str]:
    """This process's environment without the service's settings, and `variables`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SCOREBOARD_")}
    # Any terminal's width would break lines elsewhere than the tests expect.
    return {**kept, "PYTHONPATH": str(PROJECT), "COLUMNS": "80", "LINES": "24", **variables}


def run(*arguments: str, cwd: Path, stdin: str = "", env: Mapping[str, str] = {}) -> Result:
    """Runs a command to its end, in this process; an unexpected exception is the test's."""
    unset = {name: None for name in os.environ if name.startswith("SCOREBOARD_")}
    with contextlib.chdir(cwd):
        ended = CliRunner().invoke(
            app,
            arguments,
            input=stdin,
            env={**unset, "COLUMNS": "80", **env},
            prog_name="scoreboard",
        )
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Result(ended.exit_code, ended.stdout, ended.stderr)


def run_apart(*arguments: str, cwd: Path, env: Mapping[str, str] = {}) -> Result:
    """Runs a command to its end in a process of its own, as a shell does."""
    ended = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDED_TIMEOUT_S,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


@contextlib.contextmanager
def started(
    *arguments: str, cwd: Path, env: Mapping[str, str] = {}, prefix: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A command that runs while the block does; the block may end it itself."""
    with subprocess.Popen(
        [*prefix, *COMMAND, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=ENDED_TIMEOUT_S)


def ending(process: subprocess.Popen[str]) -> Result:
    """What a started command leaves once it ends."""
    out, err = process.communicate(timeout=ENDED_TIMEOUT_S)
    return Result(process.returncode, out, err)


def read_json(process: subprocess.Popen[str]) -> Any:  # noqa: ANN401 - whatever the line holds
    """The next line of stdout, as JSON; fails with what the command said on stderr."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, ending(process).err
    return json.loads(line)


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """Stdout up to the first line that holds `word`."""
    assert process.stdout is not None
    text = ""
    while word not in text:
        line = process.stdout.readline()
        assert line, text + ending(process).err
        text += line
    return text


def descendants(pid: int) -> set[int]:
    """Process ids of the children of `pid`, and of theirs."""
    parents = {child: parent for child, parent, _ in _processes()}
    found: set[int] = set()
    grown = {pid}
    while grown:
        grown = {child for child, parent in parents.items() if parent in grown} - found
        found |= grown
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of them that still run; a zombie does not."""
    return {pid for pid, _, state in _processes() if pid in pids and not state.startswith("Z")}


def _processes() -> list[tuple[int, int, str]]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = (line.split() for line in listing.splitlines())
    return [(int(pid), int(parent), state) for pid, parent, state in rows]
