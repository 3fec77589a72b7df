"""Files that hold results: whole or not there, never half-written."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import msgspec

from cli.loadtest.result import RunResult
from cli.output import CommandFailed, print_line

RESULT_MAX_BYTES = 64 * 1024 * 1024
STDOUT = Path("-")
FILE_MODE = 0o644


def check_writable(path: Path | None) -> None:
    """Raises CommandFailed where a file could not be written: better told before than after."""
    if path is None or path == STDOUT:
        return
    place = _place(path)
    if path.is_dir() or not os.access(path if place is None else place.parent, os.W_OK):
        raise CommandFailed(f"The file {path} cannot be written.")


def write_result(path: Path, result: RunResult) -> None:
    """Writes a result as one line of JSON. Raises CommandFailed."""
    write_text(path, msgspec.json.encode(result).decode() + "\n")


def write_text(path: Path, text: str) -> None:
    """Replaces the file as a whole; `-` is stdout. Raises CommandFailed."""
    if path == STDOUT:
        print_line(text.removesuffix("\n"))
        return
    place = _place(path)
    try:
        if place is None:
            path.write_text(text, "utf-8")
        else:
            _replace(place, text)
    except OSError as error:
        raise CommandFailed(f"The file {path} cannot be written: {error.strerror}.") from error


def _place(path: Path) -> Path | None:
    """Where the file itself is, behind all links, or will be.

    None for a device or a pipe, which is written into: replacing it would destroy it. A pipe of
    the shell's, as in `>(gzip)`, has no place at all, so nothing may be resolved before it is
    looked at.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    except OSError as error:
        raise CommandFailed(f"The file {path} cannot be written: {error.strerror}.") from error
    return path.resolve() if stat.S_ISREG(mode) else None


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(text)
        temporary.chmod(FILE_MODE)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
            f"The file {path} is no result of `scoreboard loadtest --output`."
        ) from error
