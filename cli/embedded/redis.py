"""A private Redis: one unix socket, no port, nothing on disk (everything in it is rebuildable)."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from cli.embedded.binaries import find_redis
from cli.embedded.folders import SocketFolder
from cli.embedded.process import ServerProcess, death_signal

DATABASES = 512
READY_TIMEOUT_S = 15.0


class EmbeddedRedis:
    """A Redis server that lives as long as this process, empty at each start.

    socket_dir: owner-only folder of the socket and the log; temporary if None or if its path is
    too long for a socket. Start it on the main thread.
    """

    def __init__(self, socket_dir: Path | None = None) -> None:
        self._socket_dir = socket_dir.absolute() if socket_dir else None
        self._folder: SocketFolder | None = None
        self._process: ServerProcess | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while started, else None."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises EmbeddedError."""
        assert self._process is None, "Redis is already started"
        program = find_redis()
        with contextlib.ExitStack() as undo:
            undo.callback(self.stop)
            self._folder = SocketFolder(self._socket_dir, "redis.sock")
            command = [*death_signal(), str(program), *_options(self._folder)]
            self._process = ServerProcess("Redis", command, self._folder.path / "redis.log")
            self._process.start()
            address = str(self._folder.socket)
            self._process.wait_until_ready(lambda: _answers(address), READY_TIMEOUT_S)
            undo.pop_all()

    def stop(self) -> None:
        """Stop the server. Idempotent."""
        if self._process:
            self._process.stop()
            self._process = None
        if self._folder:
            self._folder.remove()
            self._folder = None

    def url(self, database: int = 0) -> str:
        """Return the URL of database number `database`, 0 to DATABASES - 1, for redis-py."""
        assert self._folder, "Redis is not started"
        assert 0 <= database < DATABASES
        return f"unix://{quote(str(self._folder.socket), safe='/')}?db={database}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _options(folder: SocketFolder) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(folder.socket),
        "unixsocketperm": "700",
        "dir": str(folder.path),
        "save": "",
        "appendonly": "no",
        "databases": str(DATABASES),
        # Ranks are never evicted one by one: a full memory must be an error that is seen.
        "maxmemory-policy": "noeviction",
    }
    return [word for name, text in options.items() for word in (f"--{name}", text)]


def _answers(address: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(address)
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
