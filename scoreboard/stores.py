"""What reads and writes PostgreSQL and Redis, opened and built upon their two connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scoreboard.domain.errors import ConfigurationError, StorageUnavailable
from scoreboard.ledger.clock import DatabaseClock
from scoreboard.ledger.database import Database, open_database
from scoreboard.ledger.gaps import StandingsGaps
from scoreboard.ledger.outbox import Outbox
from scoreboard.ledger.reader import LedgerReader
from scoreboard.ledger.views import ViewStore
from scoreboard.reads.boards import BoardDirectory
from scoreboard.reads.neighbours import NeighbourReader
from scoreboard.reads.ranking import Ranking
from scoreboard.reads.standing import StandingReader
from scoreboard.reads.top import TopReader
from scoreboard.settings import Settings
from scoreboard.standings.connection import RedisConnection, open_redis
from scoreboard.standings.store import Standings
from scoreboard.telemetry.metrics import Metrics


class Stores:
    """Every reader and writer of one process."""

    def __init__(
        self, database: Database, redis: RedisConnection, metrics: Metrics, settings: Settings
    ) -> None:
        self.database = database
        self.redis = redis
        self.clock = DatabaseClock(database)
        self.ledger = LedgerReader(database)
        self.views = ViewStore(database)
        self.outbox = Outbox(database)
        self.gaps = StandingsGaps(database)
        self.standings = Standings(redis, settings.redis_prefix)
        self.boards = BoardDirectory(self.ledger)
        self.ranking = Ranking(self.standings, self.ledger, metrics)
        self.standing = StandingReader(self.standings, self.ledger, metrics)
        self.neighbours = NeighbourReader(self.standings, self.ledger, metrics)
        self.tops = TopReader(self.standings, self.ledger, self.clock, metrics, settings)


@asynccontextmanager
async def open_stores(settings: Settings, metrics: Metrics) -> AsyncIterator[Stores]:
    """Both connections, with the clock and the boards read once.

    Raises ConfigurationError where PostgreSQL cannot be reached or lacks the schema; Redis may be
    away.
    """
    async with open_database(settings) as database, open_redis(settings) as redis:
        stores = Stores(database, redis, metrics, settings)
        try:
            await stores.clock.refresh()
            await stores.boards.refresh()
        except StorageUnavailable as error:
            raise ConfigurationError(
                "The database has no scoreboard schema, or an older one. "
                "Run `scoreboard db migrate`."
            ) from error
        yield stores
