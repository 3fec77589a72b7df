"""What both commands work on: the ledger, the standings, and the boards that were asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.exceptions import ConnectionError as RedisConnectionError

from cli.away import redis_away
from cli.environment import read_service_settings
from cli.output import CommandFailed
from scoreboard.domain.errors import StandingsUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.statements import load_query
from scoreboard.standings.comparison import StandingsComparison
from scoreboard.standings.connection import open_redis
from scoreboard.standings.store import Standings

PATIENCE_MS = 10_000
"""Longest wait for one answer of Redis: nobody waits for this command as a request does."""

BATCH = 20_000
"""Users read at once. More neighbours by score make Redis faster, and this takes 1 MB."""

UNREACHED = (RedisConnectionError, OSError)


@dataclasses.dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, opened."""

    session: Session
    standings: Standings
    comparison: StandingsComparison

    async def find_boards(self, board_id: BoardId, *, every: bool) -> Sequence[BoardId]:
        """The board, or with `every` all there are. Raises CommandFailed for an unknown one."""
        rows = await self.session.fetch(load_query("read_boards"))
        known = [BoardId(row["board_id"]) for row in rows]
        if every:
            return known
        if board_id not in known:
            raise CommandFailed(
                f"There is no board {board_id}. `scoreboard boards list` shows those there are."
            )
        return [board_id]


@asynccontextmanager
async def open_stores(purpose: str) -> AsyncIterator[Stores]:
    """For the length of a command; `purpose` is the name of its session in PostgreSQL."""
    given = read_service_settings()
    settings = dataclasses.replace(given, redis_timeout_ms=PATIENCE_MS)
    async with (
        open_session(settings.database_url, purpose) as session,
        open_redis(settings) as redis,
    ):
        standings = Standings(redis, settings.redis_prefix)
        try:
            yield Stores(session, standings, StandingsComparison(redis, settings.redis_prefix))
        except StandingsUnavailable as error:
            if isinstance(error.__cause__, UNREACHED):
                raise redis_away(settings.redis_url, error.__cause__) from error
            raise
