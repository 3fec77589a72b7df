"""Everything that `scoreboard dev` has to itself: folder, servers, database, keys, settings."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import asyncpg

from cli.embedded.folders import lock_data_dir
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.redis import EmbeddedRedis
from scoreboard.auth.keys import generate_keys, write_keys
from scoreboard.domain.errors import ConfigurationError
from scoreboard.ledger.migrations import migrate
from scoreboard.settings import PREFIX, ROLES, Settings

DATABASE = "scoreboard"
ADMIN_HOST = "127.0.0.1"
REQUESTS_PER_ACTION = 2
RATE_IP_MIN_PER_S = 500


@dataclass(frozen=True, slots=True)
class DevOptions:
    """What the user chose. `rate` is in actions per second, of all players together."""

    players: int
    rate: float
    host: str
    port: int
    admin_port: int
    data_dir: Path

    @property
    def keys_file(self) -> Path:
        """Where the commands of the same folder look by default."""
        return self.data_dir / "keys.json"

    @property
    def environment_file(self) -> Path:
        """Read by a shell, it lets an operator's commands work on what runs here."""
        return self.data_dir / "environment.sh"

    @property
    def log_file(self) -> Path:
        """The service's structured logs."""
        return self.data_dir / "scoreboard.log"


@dataclass(frozen=True, slots=True)
class Servers:
    """The private servers' addresses; `admin_database_url` exists from the first start on."""

    admin_database_url: str
    database_url: str
    redis_url: str


_ANYWHERE = Servers("postgresql://", "postgresql://", "redis://")


@contextmanager
def private_servers(options: DevOptions) -> Iterator[Servers]:
    """Runs PostgreSQL and Redis; both have ended when the block is left.

    Raises EmbeddedError.
    """
    with ExitStack() as stack:
        stack.enter_context(lock_data_dir(options.data_dir))
        redis = EmbeddedRedis(options.data_dir / "redis")
        postgres = EmbeddedPostgres(options.data_dir / "postgres")
        for server in (redis, postgres):
            # First the promise to stop it: a signal may arrive as soon as it runs.
            stack.callback(server.stop)
            server.start()
        yield Servers(postgres.url(), postgres.url(DATABASE), redis.url())


def check_start(options: DevOptions, environ: Mapping[str, str]) -> None:
    """Raises ConfigurationError for what would stop the start later: a setting or a port."""
    Settings.from_environment({**environ, **_own_settings(_ANYWHERE, options, environ)})
    _check_port(options.host, options.port, "--port")
    _check_port(ADMIN_HOST, options.admin_port, "--admin-port")


def _check_port(host: str, port: int, option: str) -> None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be opened ({error.strerror}): "
            f"choose another with {option}."
        ) from error


async def prepare(servers: Servers, options: DevOptions, environ: Mapping[str, str]) -> Settings:
    """Creates what is missing (database, schema, keys) and gives the service's settings.

    Limits that `environ` sets hold here too; addresses and keys are this command's own.
    Raises ConfigurationError.
    """
    settings = Settings.from_environment({**environ, **_own_settings(servers, options, environ)})
    await _create_database(servers.admin_database_url)
    await migrate(servers.database_url)
    if not options.keys_file.exists():
        write_keys(options.keys_file, generate_keys("hs256"))
    return settings


def _own_settings(
    servers: Servers, options: DevOptions, environ: Mapping[str, str]
) -> dict[str, str]:
    # All players share one address, which no real crowd does.
    per_s = max(RATE_IP_MIN_PER_S, int(options.rate * REQUESTS_PER_ACTION * 2))
    generous = {"RATE_IP_PER_S": str(per_s), "RATE_IP_BURST": str(per_s * 2)}
    own = {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "KEYS_FILE": str(options.keys_file),
        "HOST": options.host,
        "PORT": str(options.port),
        "ADMIN_HOST": ADMIN_HOST,
        "ADMIN_PORT": str(options.admin_port),
        "TLS_CERT": "",
        "TLS_KEY": "",
        "WORKERS": "1",
        "ROLES": ",".join(ROLES),
    }
    chosen = {name: text for name, text in generous.items() if not environ.get(PREFIX + name)}
    return {PREFIX + name: text for name, text in {**chosen, **own}.items()}


@contextmanager
def environment_told(
    options: DevOptions, servers: Servers, url: str, admin_url: str
) -> Iterator[None]:
    """The environment file is there while the block runs; the URLs are the service's own."""
    values = {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "KEYS_FILE": str(options.keys_file.absolute()),
        "PORT": url.rpartition(":")[2],
        "ADMIN_PORT": admin_url.rpartition(":")[2],
    }
    lines = [f"export {PREFIX}{name}={quote(text)}\n" for name, text in values.items()]
    path = options.environment_file
    path.touch(mode=0o600)
    path.write_text("".join(lines), "utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


async def _create_database(admin_url: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    except asyncpg.DuplicateDatabaseError:
        pass  # a later start
    finally:
        await connection.close()
