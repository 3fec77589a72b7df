"""The real servers that one test run has to itself: PostgreSQL, Redis and RabbitMQ."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cli.embedded.errors import EmbeddedError, EmbeddedServerMissing
from cli.embedded.folders import LOCK_NAME, lock_data_dir
from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.redis import DATABASES, EmbeddedRedis
from tests.servers.rabbitmq import PrivateRabbitMQ

# A running RabbitMQ to use instead of a private one; all tests then share its virtual host.
AMQP_URL_VARIABLE = "SCOREBOARD_TEST_AMQP_URL"
ADDRESSES_VARIABLE = "SCOREBOARD_TEST_ADDRESSES"
POSTGRES_SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "512MB",  # bounds what the folder in memory takes
}
FOLDER_PREFIX = "scoreboard-test-"
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - only a parent of a private temporary folder
MEMORY_FOLDER_MIN_FREE_BYTES = 4 << 30


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where the servers are: superuser URL, one URL per Redis database and per virtual host.

    `amqp` is empty when RabbitMQ is missing; `amqp_missing` then says what to do.
    """

    postgres: str
    redis: Sequence[str]
    amqp: Sequence[str]
    amqp_missing: str = ""

    def share_of(self, worker: int, workers: int) -> Self:
        """Return what worker number `worker` of `workers` has to itself, at least one of each."""
        return dataclasses.replace(
            self,
            redis=self.redis[worker::workers],
            amqp=self.amqp[worker % max(1, len(self.amqp)) :: workers],
        )

    def publish(self) -> None:
        """Leave the addresses where the worker processes, started later, find them."""
        os.environ[ADDRESSES_VARIABLE] = json.dumps(dataclasses.asdict(self))

    @classmethod
    def published(cls) -> Self:
        """Return the addresses that this process or its parent published."""
        return cls(**json.loads(os.environ[ADDRESSES_VARIABLE]))


def start_servers(stack: contextlib.ExitStack) -> Addresses:
    """Start every server; `stack` stops them and removes their one folder.

    RabbitMQ is launched first and still booting on return: a test that needs it waits, the others
    need not. Raises EmbeddedError.
    """
    parent = _quickest_folder()
    _remove_abandoned(parent)
    temporary = tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, dir=parent)
    folder = Path(stack.enter_context(temporary))
    stack.enter_context(lock_data_dir(folder))
    amqp, missing = _launch_rabbitmq(stack, folder / "rabbitmq")
    postgres = EmbeddedPostgres(folder / "postgres", settings=POSTGRES_SETTINGS)
    redis = EmbeddedRedis(folder / "redis")
    stack.enter_context(postgres)
    stack.enter_context(redis)
    urls = [redis.url(number) for number in range(DATABASES)]
    return Addresses(postgres.url(), urls, amqp, missing)


def _quickest_folder() -> Path:
    """Return the folder in memory if it is roomy, else the usual one for temporary files.

    Each test creates a database and drops it: measured, 50 ms in memory and 650 ms on a busy disk.
    The servers keep their durable settings, and a killed process finds its files again.
    """
    roomy = (
        MEMORY_FOLDER.is_dir()
        and os.access(MEMORY_FOLDER, os.W_OK)
        and shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_FOLDER_MIN_FREE_BYTES
    )
    return MEMORY_FOLDER if roomy else Path(tempfile.gettempdir())


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of killed runs: their locks went with them, a live run still holds its."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*/"):
        if not (folder / LOCK_NAME).exists():
            continue
        with contextlib.suppress(EmbeddedError), lock_data_dir(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _launch_rabbitmq(stack: contextlib.ExitStack, folder: Path) -> tuple[list[str], str]:
    if running := os.environ.get(AMQP_URL_VARIABLE):
        return [running], ""
    rabbitmq = PrivateRabbitMQ(folder)
    stack.callback(rabbitmq.stop)
    try:
        rabbitmq.launch()
    except EmbeddedServerMissing as error:
        return [], str(error)
    return rabbitmq.urls(), ""
