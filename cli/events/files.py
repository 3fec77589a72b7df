"""Files of events: for their owner's eyes alone, and what the disk refuses told in a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cli.output import CommandFailed

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@contextmanager
def disk_told(path: Path | str, action: str) -> Iterator[None]:
    """Raises CommandFailed, `PATH cannot be ACTION`, where the disk refuses; within a session it
    would be taken for PostgreSQL's.
    """
    try:
        yield
    except OSError as error:
        raise CommandFailed(f"{path} cannot be {action}: {error.strerror or error}.") from error


def open_private(path: Path, mode: str) -> BinaryIO:
    """As `path.open`; a new file, since it holds tokens, can be read by its owner alone."""
    return cast("BinaryIO", open(path, mode, opener=_private))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE_FILE)
