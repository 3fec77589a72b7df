"""Failures become one sentence and an exit code; progress shows on terminals alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from cli.output import CommandFailed, failures_told, print_members, print_table
from scoreboard.domain.errors import (
    BusUnavailable,
    ConfigurationError,
    ServerAway,
    StandingsUnavailable,
    StorageUnavailable,
)
from tests.cli.program import environment
from tests.cli.terminal import on_terminal

FAILURES = {
    "failed": (CommandFailed("No such thing."), 1, "No such thing."),
    "misconfigured": (ConfigurationError("PORT is wrong."), 2, "PORT is wrong."),
    "away": (ServerAway("PostgreSQL is away."), 1, "PostgreSQL is away."),
    "ledger": (StorageUnavailable("It ended."), 1, "It ended."),
    "standings": (
        StandingsUnavailable("out of memory."),
        1,
        "Redis cannot be used: out of memory. `scoreboard doctor` tells more.",
    ),
    "bus": (BusUnavailable("It refused."), 1, "It refused."),
    "interrupted": (KeyboardInterrupt(), 130, "Interrupted."),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_one_sentence_and_an_exit_code(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error, code, sentence = FAILURES[name]
    with pytest.raises(typer.Exit) as ended, failures_told():
        raise error
    assert ended.value.exit_code == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"{sentence}\n")


STRANGE = "a\x1b[2J\x9b1A\x7f\u202eé"
ESCAPED = r"a\x1b[2J\x9b1A\x7f\u202eé"


def test_a_failure_that_a_server_worded_stays_one_printable_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit), failures_told():
        raise CommandFailed(f"{STRANGE}.\nHINT:  none\r\n")
    assert capsys.readouterr().err == f"{ESCAPED}. HINT:  none\n"


def test_a_table_shows_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [(f"{STRANGE}\n[red]",)])
    assert rf"{ESCAPED}\n[red]" in capsys.readouterr().out


def test_members_show_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_members("claims\x1b", {"sub\x7f": STRANGE})
    shown = capsys.readouterr().out
    assert all(line.isprintable() for line in shown.split("\n"))
    assert len(shown.splitlines()) == 3
    assert shown.startswith(r"claims\x1b {")


WORK = """
import signal
from cli.progress import progress
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
with progress("Counting", 1_000, "events") as advance:
    for _ in range(10):
        advance(100)
    signal.sigwait([signal.SIGUSR1])
"""


def test_progress_writes_nothing_into_a_pipe(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WORK.replace("signal.sigwait([signal.SIGUSR1])", "pass")],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment(),
    )
    assert (ended.stdout, ended.stderr) == ("", "")


@pytest.mark.parametrize("columns", [60, 120])
def test_progress_shows_count_and_rate_on_a_terminal_and_leaves_nothing(
    columns: int, tmp_path: Path
) -> None:
    with on_terminal(
        cwd=tmp_path, size=(columns, 10), command=(sys.executable, "-c", WORK)
    ) as terminal:
        shown = terminal.read_until(lambda text: "1,000 of 1,000" in text)
        assert "Counting" in shown
        assert "events/s" in shown
        terminal.process.send_signal(signal.SIGUSR1)
        assert "Counting" not in terminal.read_to_end()
        assert terminal.process.returncode == 0


def test_progress_shows_no_total_that_was_exceeded(tmp_path: Path) -> None:
    work = WORK.replace("1_000,", "10,")
    with on_terminal(cwd=tmp_path, command=(sys.executable, "-c", work)) as terminal:
        shown = terminal.read_until(lambda text: "1,000" in text)
        assert " of " not in shown
        assert ":" not in shown  # no remaining time either
        terminal.process.send_signal(signal.SIGUSR1)
        terminal.read_to_end()


PROGRAM = "import sys; sys.argv[0] = 'scoreboard'; from cli.main import app; app()"


def test_completion_knows_the_commands(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={
            **environment(),
            "_SCOREBOARD_COMPLETE": "complete_bash",
            "COMP_WORDS": "scoreboard ke",
            "COMP_CWORD": "1",
        },
    )
    assert ended.stdout.split() == ["keys"], ended.stderr
