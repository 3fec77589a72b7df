"""A service whose Redis is tormented, and players that do not notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from scoreboard.domain.identifiers import UserId
from tests.checker import check_invariants, connect, until, until_settled
from tests.harness import Answer, Backends, Scoreboard, new_user

QUICK: dict[str, Any] = {"maintenance_s": 0.1, "redis_retry_ms": 50, "relay_poll_ms": 50}


class Load:
    """Players that go on while the test does its worst; every answer must be 200."""

    def __init__(self, scoreboard: Scoreboard, players: int = 4) -> None:
        self._scoreboard = scoreboard
        self._players = [new_user() for _ in range(players)]
        self._is_over = False
        self.answers: list[Answer] = []

    async def play(self, user_id: UserId) -> None:
        """One player, until all are to stop; each answer is waited for."""
        while not self._is_over:
            answer = await self._scoreboard.increment(user_id, 1)
            assert answer.status == 200, answer
            self.answers.append(answer)

    async def go_on(self, count: int) -> None:
        """Returns after so many further answers."""
        enough = len(self.answers) + count

        async def has_enough() -> bool:
            return len(self.answers) >= enough

        await until(has_enough)

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[Load]:
        """They play inside."""
        async with asyncio.TaskGroup() as tasks:
            for player in self._players:
                tasks.create_task(self.play(player))
            await self.go_on(20)
            yield self
            self._is_over = True


async def check_settled(backends: Backends) -> None:
    """The board is the same in both stores once nothing waits any more."""
    await until_settled(backends.database_url)
    await until(lambda: is_live(backends))
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )


async def shows(scoreboard: Scoreboard, *scores: int) -> bool:
    """Whether GET /scores/top has these scores."""
    top = await scoreboard.get("/scores/top")
    return [entry["score"] for entry in top.body["entries"]] == list(scores)


async def is_live(backends: Backends) -> bool:
    """Whether the board in Redis is complete and in use."""
    async with Redis.from_url(backends.redis_url) as opened:
        redis: Any = opened
        return bool(await redis.hexists(f"{backends.redis_prefix}:{{main}}:meta", "live"))


async def has_gap(backends: Backends) -> bool:
    """Whether a board is noted as having missed a change."""
    async with connect(backends.database_url) as connection:
        return bool(await connection.fetchval("SELECT count(*) > 0 FROM standings_gaps"))


async def count_rebuilds(scoreboard: Scoreboard) -> float:
    """How many rebuilds this instance has made."""
    lines = (await scoreboard.metrics()).splitlines()
    (line,) = (line for line in lines if line.startswith("scoreboard_rebuilds_total "))
    return float(line.split()[1])
