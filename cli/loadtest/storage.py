"""Files that hold results: whole or not there, never half-written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from cli.loadtest.result import RunResult
from cli.output import CommandFailed

RESULT_MAX_BYTES = 64 * 1024 * 1024
STDOUT = Path("-")
FILE_MODE = 0o644


def check_writable(path: Path | None) -> None:
    """Raises CommandFailed where a file could not be written: better told before than after."""
    if path is None or path == STDOUT:
        return
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise CommandFailed(f"The file {path} cannot be written.")


def write_result(path: Path | None, result: RunResult) -> None:
    """Writes a result as one line of JSON; nothing where no file is wanted."""
    if path is not None:
        write_text(path, msgspec.json.encode(result).decode() + "\n")


def write_text(path: Path, text: str) -> None:
    """Replaces the file as a whole. Raises CommandFailed."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(text)
        Path(name).chmod(FILE_MODE)
        Path(name).replace(path)
    except OSError as error:
        raise CommandFailed(f"The file {path} cannot be written: {error.strerror}.") from error


def read_result(path: Path) -> RunResult:
    """The result in a file. Raises CommandFailed where it holds none."""
    try:
        with path.open("rb") as file:
            content = file.read(RESULT_MAX_BYTES)
        return msgspec.json.decode(content, type=RunResult)
    except OSError as error:
        raise CommandFailed(f"The file {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(
            f"The file {path} is no result of `scoreboard loadtest --json`."
        ) from error
