"""Folders of private servers: created owner-only, locked against a second user, short enough."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cli.embedded.errors import FolderInUse, FolderUnusable

# 107 bytes on Linux, 103 on macOS: the smaller serves both.
SOCKET_PATH_MAX_BYTES = 103
LOCK_NAME = ".lock"


def create_folder(path: Path, owner: int | None = None) -> None:
    """Create `path` (0700, owned by user id `owner`) unless it exists. Raises FolderUnusable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_dir():
            path.mkdir(mode=0o700)
            give(path, owner)
    except OSError as error:
        raise FolderUnusable(
            f"The folder {path} cannot be created: {error.strerror} ({error.filename})."
        ) from error


def give(path: Path, owner: int | None) -> None:
    """Hand `path` to the user id `owner` (and the group of the same id); None changes nothing."""
    if owner is not None:
        os.chown(path, owner, owner)


@contextlib.contextmanager
def lock_data_dir(path: Path) -> Iterator[None]:
    """Hold the folder `path` (created if missing) for this process until the block ends.

    The kernel frees the lock with the process, so a crash leaves nothing to clean up.
    `path` is the folder that contains the servers' data folders, not one of them.
    Raises FolderInUse, FolderUnusable.
    """
    create_folder(path)
    try:
        descriptor = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderUnusable(f"The folder {path} cannot be written: {error.strerror}.") from error
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise FolderInUse(
            f"The folder {path} is in use by another process: stop that, or name another folder."
        ) from error


class SocketFolder:
    """An owner-only folder for one unix socket: `wanted`, or a short temporary one.

    The servers ask for no password, so the mode of this folder is what keeps other users out.
    Temporary when `wanted` is None or when the socket's path would exceed the system's limit.
    Raises FolderUnusable.
    """

    def __init__(self, wanted: Path | None, socket_name: str, owner: int | None = None) -> None:
        fits = wanted and len(os.fsencode(wanted / socket_name)) <= SOCKET_PATH_MAX_BYTES
        self._is_temporary = not fits
        if wanted and fits:
            self.path = wanted
            create_folder(wanted, owner)
        else:
            self.path = Path(tempfile.mkdtemp(prefix="scoreboard-"))
            give(self.path, owner)
        self.socket = self.path / socket_name
        if self.path.stat().st_mode & 0o077:
            raise FolderUnusable(
                f"The folder {self.path} must belong to its owner only: chmod 700 {self.path}"
            )

    def remove(self) -> None:
        """Remove the folder if it is a temporary one."""
        if self._is_temporary:
            shutil.rmtree(self.path, ignore_errors=True)
