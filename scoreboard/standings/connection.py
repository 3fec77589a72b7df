"""One Redis client, its scripts, and a pause after each failure."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from msgspec import Struct
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.settings import Settings

Argument = str | bytes | int


class Script(Struct, frozen=True):
    """A Lua script and the SHA-1 that Redis knows it by."""

    text: str
    sha: str


def load_script(name: str, *, preamble: bool = True) -> Script:
    """`scripts/<name>.lua`, behind the shared preamble unless told otherwise."""
    folder = files("scoreboard.standings").joinpath("scripts")
    parts = [folder.joinpath("preamble.lua")] if preamble else []
    texts = [part.read_text("utf-8") for part in [*parts, folder.joinpath(f"{name}.lua")]]
    text = "\n".join(texts)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


class RedisConnection:
    """Runs scripts; after a failure it refuses at once for `redis_retry_ms`.

    So a dead Redis costs one request the timeout, not every request.
    """

    def __init__(self, client: Redis, timeout_s: float, retry_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._retry_s = retry_s
        self._closed_until_s = 0.0

    @property
    def is_up(self) -> bool:
        """Whether the last call went through, or enough time has passed to try again."""
        return time.monotonic() >= self._closed_until_s

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> list[Any]:
        """The script's reply, a list. Raises StandingsUnavailable."""
        if not self.is_up:
            raise StandingsUnavailable("Redis failed a moment ago")
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._evaluate(script, keys, arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise self._failed(error) from error

    async def read_run_id(self) -> str:
        """The id that the server drew when it started. Raises StandingsUnavailable."""
        try:
            async with asyncio.timeout(self._timeout_s):
                info: dict[str, Any] = await self._client.info("server")
        except (RedisError, OSError, TimeoutError) as error:
            raise self._failed(error) from error
        return str(info["run_id"])

    async def _evaluate(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> list[Any]:
        # EVALSHA rather than FUNCTION: Redis 6.2 is supported.
        try:
            reply = await self._client.evalsha(script.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            reply = await self._client.eval(script.text, len(keys), *keys, *arguments)
        return list(reply)

    def _failed(self, error: Exception) -> StandingsUnavailable:
        self._closed_until_s = time.monotonic() + self._retry_s
        return StandingsUnavailable(str(error) or type(error).__name__)


@asynccontextmanager
async def open_redis(settings: Settings) -> AsyncIterator[RedisConnection]:
    """Opens no socket yet: Redis may be away when the service starts."""
    # One that waits for a free connection: the usual pool fails where too many calls coincide.
    pool = BlockingConnectionPool.from_url(
        settings.redis_url,
        max_connections=settings.redis_pool_size,
        timeout=None,
        # Time limits are set around each call instead: on Python 3.11 the client's own can swallow
        # the cancellation of a task, which then never ends.
        socket_timeout=None,
        socket_connect_timeout=None,
        # A retry inside the client would only hide the failure for longer.
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    client = Redis.from_pool(pool)
    try:
        yield RedisConnection(
            client, settings.redis_timeout_ms / 1000, settings.redis_retry_ms / 1000
        )
    finally:
        await client.aclose()
