"""A private PostgreSQL: one data folder, one unix socket, no port, full durability."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from cli.embedded.cluster import Cluster, open_cluster
from cli.embedded.folders import SocketFolder
from cli.embedded.process import ServerProcess, run

PORT = 5432  # only names the socket file: the server listens on no network
READY_TIMEOUT_S = 30.0


class EmbeddedPostgres:
    """A PostgreSQL server that lives as long as this process.

    data_dir: created on the first start and kept; the log is beside it, `<data_dir>.log`.
    socket_dir: owner-only folder of the socket, the data folder if None. When its path is too long
    for a socket, a temporary folder takes its place.
    settings: `name = value` of postgresql.conf. Whoever starts two servers on one folder locks it
    first, see `lock_data_dir`. Start it on the main thread.
    """

    def __init__(
        self,
        data_dir: Path,
        socket_dir: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._data_dir = data_dir.absolute()
        self._socket_dir = socket_dir.absolute() if socket_dir else self._data_dir
        self._settings = dict(settings or {})
        self._folder: SocketFolder | None = None
        self._process: ServerProcess | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while started, else None."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the server and wait until it accepts connections. Raises EmbeddedError."""
        assert self._process is None, "PostgreSQL is already started"
        cluster = open_cluster(self._data_dir)
        with contextlib.ExitStack() as undo:
            undo.callback(self.stop)
            owner = cluster.account.owner
            self._folder = SocketFolder(self._socket_dir, f".s.PGSQL.{PORT}", owner)
            self._process = ServerProcess(
                "PostgreSQL", self._command(cluster), self._log, env=cluster.env
            )
            self._process.start()
            self._process.wait_until_ready(lambda: self._is_ready(cluster), READY_TIMEOUT_S)
            undo.pop_all()

    def stop(self) -> None:
        """Stop the server (open sessions end, nothing committed is lost). Idempotent."""
        if self._process:
            self._process.stop()
            self._process = None
        if self._folder:
            self._folder.remove()
            self._folder = None

    def url(self, database: str = "postgres") -> str:
        """Return the URL of `database` for asyncpg and psql, as the superuser `postgres`."""
        assert self._folder, "PostgreSQL is not started"
        host = quote(str(self._folder.path), safe="/")
        # The port is named so that a PGPORT of the environment has no say.
        return f"postgresql://postgres@/{quote(database, safe='')}?host={host}&port={PORT}"

    @property
    def _log(self) -> Path:
        return self._data_dir.with_name(f"{self._data_dir.name}.log")

    def _command(self, cluster: Cluster) -> list[str]:
        assert self._folder
        fixed = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._folder.path}"',
            "port": str(PORT),
        }
        pairs = {**self._settings, **fixed}.items()
        options = [word for name, text in pairs for word in ("-c", f"{name}={text}")]
        return cluster.command("postgres", "-D", str(self._data_dir), *options)

    def _is_ready(self, cluster: Cluster) -> bool:
        assert self._folder
        program = str(cluster.bin_dir / "pg_isready")
        address = ("-h", str(self._folder.path), "-p", str(PORT), "-U", "postgres", "-q")
        return run([program, *address], cluster.env).returncode == 0

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
