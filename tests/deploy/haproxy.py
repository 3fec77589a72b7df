"""A private HAProxy from the system's package, with the configuration that is deployed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from signal import SIGKILL

from cli.embedded.errors import EmbeddedServerMissing
from cli.embedded.process import ServerProcess, death_signal
from tests.deploy.files import DEPLOY
from tests.servers.rabbitmq import free_ports, listens

READY_TIMEOUT_S = 10.0


class PrivateHAProxy:
    """Balances loopback ports on one of its own. Use as a context manager."""

    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        self._folder = folder
        self._instances = [f"127.0.0.1:{port}" for port in ports]
        (self._port,) = free_ports(1)
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> PrivateHAProxy:
        """Start it. Raises EmbeddedServerMissing, ServerFailed."""
        command = (*death_signal("TERM"), find_haproxy(), "-db", "-f", str(DEPLOY / "haproxy.cfg"))
        addresses = {f"INSTANCE_{n}": each for n, each in enumerate(self._instances, 1)}
        self._process = ServerProcess(
            "HAProxy",
            command,
            self._folder / "haproxy.log",
            env={"PATH": os.environ["PATH"], "BIND": f"127.0.0.1:{self._port}", **addresses},
            stop_signal=SIGKILL,
        )
        self._process.start()
        self._process.wait_until_ready(lambda: listens(self._port), READY_TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.stop()


def find_haproxy() -> str:
    """The program. Raises EmbeddedServerMissing."""
    # Debian keeps it where an ordinary user's PATH does not lead.
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise EmbeddedServerMissing("HAProxy was not found: run tests/install-servers.")
    return found
