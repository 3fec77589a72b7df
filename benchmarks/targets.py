"""What takes the load: the bare handler, the hand-written service, and the product."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from benchmarks import nchan
from benchmarks.processes import (
    OTHERS_CORE,
    SERVER_CORE,
    Environment,
    free_ports,
    pin,
    running,
    wait_for_port,
    wait_until,
)
from benchmarks.servers import Servers
from scoreboard.auth.jwk import Profile, generate_keys
from scoreboard.auth.keyring import KeyRing
from scoreboard.auth.keys import load_keys, write_keys

UNLIMITED = "1000000"
"""Rate limits are counted for every request, and never reached."""

LIMITS = (
    "RATE_IP_PER_S",
    "RATE_IP_BURST",
    "RATE_USER_PER_S",
    "RATE_USER_BURST",
    "WEBSOCKET_MAX_PER_IP",
)
COMMAND_MAX_S = 1800.0


@dataclass(frozen=True)
class Target:
    """A service under load.

    `pids` are measured as its server; `others` are processes of its own, measured apart, by name,
    and `other_ports` where they listen.
    `weight` is what part of a round's requests it gets: a slow one needs fewer for its rate.
    """

    name: str
    ports: tuple[int, ...]
    pids: tuple[int, ...]
    keys: KeyRing
    others: dict[str, tuple[int, ...]] = field(default_factory=dict)
    other_ports: dict[str, int] = field(default_factory=dict)
    database_url: str = ""
    weight: float = 1.0

    @property
    def port(self) -> int:
        """The first instance's."""
        return self.ports[0]

    async def outbox_age_s(self, connection: asyncpg.Connection[asyncpg.Record]) -> float:
        """Age of what has waited longest to be published; 0 where nothing waits."""
        found = await connection.fetchval(
            "SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 "
            "FROM outbox ORDER BY outbox_id LIMIT 1"
        )
        return float(found or 0.0)


@dataclass(frozen=True)
class Shape:
    """How the product is run.

    `roles` are those of the process under load, all if empty; `apart` names processes of their
    own, on the core of the stores, and their roles. `instances` are processes of the same kind
    over the same stores. `settings` by their names without the prefix.
    """

    name: str
    profile: Profile = "hs256"
    workers: int = 1
    instances: int = 1
    roles: str = ""
    apart: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


class Starter:
    """Starts targets that live until `stack` is left."""

    def __init__(self, stack: contextlib.ExitStack, servers: Servers, folder: Path) -> None:
        self._stack = stack
        self._servers = servers
        self._folder = folder
        self._log = folder / "services.log"

    def bare(self, verify: str = "") -> Target:
        """The handler that answers with a constant; `verify` is empty, `own` or `pyjwt`."""
        (port,) = free_ports(1)
        environment = {**os.environ, "SCOREBOARD_KEYS_FILE": str(self._keys_file("hs256"))}
        words = [verify] if verify else []
        pid = self._start(["benchmarks.bare", str(port), *words], environment, port)
        name = {"": "bare", "own": "bare + own verifier", "pyjwt": "bare + 2 × PyJWT"}[verify]
        return Target(name, (port,), (pid,), self._keys("hs256"))

    def gather(self) -> Target:
        """Updates to all WebSockets as most would write it."""
        (port,) = free_ports(1)
        pid = self._start(["benchmarks.gather_fanout", str(port)], os.environ, port)
        return Target("gather", (port,), (pid,), self._keys("hs256"))

    def nchan(self) -> Target:
        """nginx's module for the same. It must be there: `nchan.find`."""
        (port,) = free_ports(1)
        folder = self._folder / f"nchan-{port}"
        folder.mkdir()
        pid = self._launch(nchan.command(folder, port), os.environ, port, SERVER_CORE)
        return Target("nchan", (port,), (pid,), self._keys("hs256"))

    def naive(self) -> Target:
        """The hand-written service; it needs RabbitMQ."""
        (port,) = free_ports(1)
        url = self._servers.new_database(has_schema=False)
        environment = {
            **os.environ,
            "SCOREBOARD_KEYS_FILE": str(self._keys_file("hs256")),
            "DATABASE_URL": url,
            "REDIS_URL": self._servers.redis.url(1),
            "AMQP_URL": self._servers.amqp_url_of(url),
        }
        pid = self._start(["benchmarks.baseline_naive", str(port)], environment, port)
        return Target("naive", (port,), (pid,), self._keys("hs256"), weight=0.25)

    def product(self, shape: Shape, database_url: str = "") -> Target:
        """The product in one of its shapes, on an empty database unless one is named."""
        url = database_url or self._servers.new_database()
        environment = self._environment(url, shape.profile)
        environment.update({f"SCOREBOARD_{name}": text for name, text in shape.settings.items()})
        others: dict[str, tuple[int, ...]] = {}
        other_ports: dict[str, int] = {}
        for name, roles in shape.apart.items():
            port, pid = self._serve(["--roles", roles], environment, OTHERS_CORE)
            others[name], other_ports[name] = (pid,), port
        words = ["--roles", shape.roles] if shape.roles else []
        started = [
            self._serve(words, environment, number % 2, shape.workers)
            for number in range(shape.instances)
        ]
        ports, pids = zip(*started, strict=True)
        keys = self._keys(shape.profile)
        return Target(shape.name, ports, pids, keys, others, other_ports, url)

    def run_command(self, words: Sequence[str], database_url: str) -> None:
        """Runs a command of the product's on the stores of a service. Raises CalledProcessError."""
        with self._log.open("ab") as output:
            subprocess.run(
                [sys.executable, "-m", "cli.main", *words],
                env=self._environment(database_url, "hs256"),
                stdout=output,
                stderr=output,
                check=True,
                timeout=COMMAND_MAX_S,
            )

    def _environment(self, database_url: str, profile: Profile) -> dict[str, str]:
        return {
            **os.environ,
            "SCOREBOARD_DATABASE_URL": database_url,
            "SCOREBOARD_REDIS_URL": self._servers.redis.url(),
            "SCOREBOARD_REDIS_PREFIX": urlsplit(database_url).path.strip("/"),
            "SCOREBOARD_AMQP_URL": self._servers.amqp_url_of(database_url),
            "SCOREBOARD_KEYS_FILE": str(self._keys_file(profile)),
            "SCOREBOARD_TRUSTED_PROXIES": "127.0.0.1/32",
            **{f"SCOREBOARD_{name}": UNLIMITED for name in LIMITS},
        }

    def _serve(
        self, words: list[str], environment: Environment, core: int, workers: int = 1
    ) -> tuple[int, int]:
        """Port and pid of one `serve`; its workers, if there are several, get a core each."""
        port, admin_port = free_ports(2)
        addresses = {"SCOREBOARD_PORT": str(port), "SCOREBOARD_ADMIN_PORT": str(admin_port)}
        command = ["cli.main", "serve", "--workers", str(workers), *words]
        pid = self._start(command, {**environment, **addresses}, port, core)
        if workers > 1:
            for number, worker in enumerate(_workers(admin_port)):
                pin(worker, number % 2)
        return port, pid

    def _start(
        self, words: list[str], environment: Environment, port: int, core: int = SERVER_CORE
    ) -> int:
        return self._launch([sys.executable, "-m", *words], environment, port, core)

    def _launch(
        self, command: Sequence[str], environment: Environment, port: int, core: int
    ) -> int:
        pid = self._stack.enter_context(running(command, self._log, environment, core))
        wait_for_port(port, pid, self._log)
        return pid

    def _keys_file(self, profile: Profile) -> Path:
        path = self._folder / f"keys-{profile}.json"
        if not path.exists():
            write_keys(path, generate_keys(profile))
        return path

    def _keys(self, profile: Profile) -> KeyRing:
        return load_keys(self._keys_file(profile))


def _workers(admin_port: int) -> list[int]:
    """The pids of a supervisor's workers, once all of them serve."""
    found: list[dict[str, object]] = []

    def all_serve() -> bool:
        with contextlib.suppress(OSError):
            url = f"http://127.0.0.1:{admin_port}/workers"
            with urllib.request.urlopen(url, timeout=5) as answer:
                found[:] = json.load(answer)["workers"]
        return bool(found) and all(each["isServing"] for each in found)

    wait_until("the workers do not serve", all_serve)
    return [int(str(each["pid"])) for each in found]
