"""docs/reference/cli.md, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from cli.main import app
from cli.output import FAILED, MISCONFIGURED
from cli.start import INTERRUPTED

HEAD = f"""# Commands

Results go to stdout, failures as one sentence to stderr. In a pipe there are no colours and no
progress; `--json` prints one line of JSON wherever it is offered. Settings come from the
environment: [settings](settings.md).

| exit code | meaning |
|---|---|
| 0 | done |
| {FAILED} | what was asked about does not hold, or a server is away |
| {MISCONFIGURED} | wrong usage, or a setting that cannot be used |
| {INTERRUPTED} | interrupted by Ctrl-C or SIGTERM before it was done |

`scoreboard --install-completion` teaches bash, zsh, fish or PowerShell to complete commands and
options; `--show-completion` prints what it would install. `scoreboard --version` tells the release.
"""

Command = Any
"""A command as the parser keeps it, whose types Typer does not export."""


def render_cli() -> str:
    """One section for each command, in the order of `--help`."""
    root = typer.main.get_command(app)
    sections = [_render(path, command) for path, command in _leaves("scoreboard", root)]
    return HEAD + "".join(sections)


def leaves() -> list[tuple[str, ...]]:
    """The words of each command, without the program's name."""
    root = typer.main.get_command(app)
    return [tuple(path.split()[1:]) for path, _ in _leaves("scoreboard", root)]


def _leaves(path: str, command: Command) -> Iterator[tuple[str, Command]]:
    children = getattr(command, "commands", None)
    if children is None or getattr(command, "invoke_without_command", False):
        yield path, command
    for name, child in (children or {}).items():
        yield from _leaves(f"{path} {name}", child)


def _render(path: str, command: Command) -> str:
    context = typer.Context(command, info_name=path)
    usage = " ".join((path, *command.collect_usage_pieces(context)))
    text, _, examples = command.help.partition("\b\n")
    rows = [
        parameter.get_help_record(context)
        for parameter in command.params
        if parameter.get_help_record(context) is not None
    ]
    parts = [f"\n## {path}\n", f"```\n{usage}\n```\n", f"{_paragraphs(text)}\n"]
    if rows:
        table = "".join(f"| `{_cell(name)}` | {_cell(what)} |\n" for name, what in rows)
        parts.append(f"| option | what it does |\n|---|---|\n{table}")
    if examples:
        _, _, lines = examples.partition("\n")
        parts.append(f"```sh\n{_dedented(lines)}\n```\n")
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _dedented(lines: str) -> str:
    return "\n".join(line.removeprefix("  ") for line in lines.rstrip().splitlines())


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
