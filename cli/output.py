"""The one place that writes: tables for people, JSON for scripts, one sentence for a failure.

Exit codes: 0 done, 1 the condition asked about does not hold or a server cannot be reached,
2 wrong usage or configuration, 130 interrupted by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import typer

from cli.embedded.errors import EmbeddedError
from cli.start import INTERRUPTED
from scoreboard.domain.errors import (
    BusUnavailable,
    ConfigurationError,
    Refusal,
    ServerAway,
    StandingsUnavailable,
)

FAILED = 1
MISCONFIGURED = 2

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


class CommandFailed(Exception):
    """What was asked for did not come about; `str(error)` is the sentence that the user reads."""


@contextmanager
def failures_told() -> Iterator[None]:
    """Turns the expected failures of a command into a sentence on stderr and an exit code."""
    try:
        yield
    except (ConfigurationError, EmbeddedError) as error:
        print_error(str(error))
        # A server that is away is a failure of the moment, not of the configuration.
        is_away = isinstance(error, ServerAway)
        raise typer.Exit(FAILED if is_away else MISCONFIGURED) from error
    except StandingsUnavailable as error:
        reason = str(error).rstrip(".")
        print_error(f"Redis cannot be used: {reason}. `scoreboard doctor` tells more.")
        raise typer.Exit(FAILED) from error
    except (CommandFailed, BusUnavailable, Refusal) as error:
        print_error(str(error))
        raise typer.Exit(FAILED) from error
    except KeyboardInterrupt as error:
        print_error("Interrupted.")
        raise typer.Exit(INTERRUPTED) from error


def plain(text: str) -> str:
    """The text with escapes for what could move a terminal's cursor, hide or reorder text."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def plain_line(text: str) -> str:
    """The same of a text that a server may have broken into lines."""
    return plain(" ".join(text.splitlines()))


def print_error(sentence: str) -> None:
    """Writes a sentence to stderr, on one line whatever a server put into it."""
    typer.secho(plain_line(sentence), fg=typer.colors.RED, err=True)


@contextmanager
def stdout_told() -> Iterator[None]:
    """Ends the command where stdout refuses what the block writes: in silence where its reader has
    seen enough, else with CommandFailed; within a session it would be taken for PostgreSQL's.
    """
    try:
        yield
    except BrokenPipeError:
        _close_stdout()
        raise typer.Exit(FAILED) from None
    except OSError as error:
        _close_stdout()
        raise CommandFailed(f"stdout cannot be written: {error.strerror or error}.") from error


def _close_stdout() -> None:
    # What is still buffered is written at the exit, and must not fail once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_line(text: str) -> None:
    """Writes a line to stdout at once: whoever reads a pipe waits for it. Raises CommandFailed."""
    with stdout_told():
        typer.echo(text)


def print_json(value: object) -> None:
    """Writes one line of JSON to stdout; msgspec Structs are objects."""
    print_line(msgspec.json.encode(value).decode())


def print_members(title: str, members: dict[str, Any]) -> None:
    """Writes a JSON object readably; control characters in it stay escaped."""
    lines = json.dumps(members, indent=2).split("\n")  # all that it leaves as it is: DEL
    print_line("\n".join(map(plain, (f"{title} {lines[0]}", *lines[1:]))))


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes aligned columns; a column whose header begins with `>` is aligned to the right."""
    from rich import box  # noqa: PLC0415 - loaded only where a table is drawn
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE, pad_edge=False)
    for header in headers:
        right = header.startswith(">")
        table.add_column(header.lstrip(">"), justify="right" if right else "left", no_wrap=True)
    for row in rows:
        # Text: what users wrote is never read as markup.
        table.add_row(*(Text(plain(cell)) for cell in row))
    with stdout_told():
        Console().print(table)
