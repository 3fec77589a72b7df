"""What a Python is given at its start so that writing a file fails, as on a read-only root."""

from __future__ import annotations

import errno
import os
import sys

CHANGES = {
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "tempfile.mkdtemp",
    "tempfile.mkstemp",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
MESSAGE = "would write"


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and bool(flags & WRITING) and path != os.devnull
    else:
        writes = event in CHANGES
    if writes and not isinstance(arguments[0], int):
        os.write(2, f"{MESSAGE}: {event} {arguments[0]!r}\n".encode())
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def install() -> None:
    """From now on, and for ever: nothing takes a hook away."""
    sys.addaudithook(_watch)
