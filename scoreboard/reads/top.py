"""The top of a board, read once for everybody who asks within a tick."""

from __future__ import annotations

import asyncio
import hashlib
import time

import msgspec

from scoreboard.domain.errors import StandingsUnavailable, StorageUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Entry, rank_entries
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.ledger.clock import DatabaseClock
from scoreboard.ledger.reader import LedgerReader
from scoreboard.settings import Settings
from scoreboard.standings.store import Standings
from scoreboard.telemetry.metrics import Metrics

TOP_MAX = 50


class TopList(msgspec.Struct):
    """The first entries of a board, at most `TOP_MAX`.

    `read_at_s` is on the monotonic clock; `is_cached` says that Redis answered; `is_stale` that
    no store does, and this is the last that was known.
    """

    entries: tuple[Entry, ...]
    generated_us: int
    read_at_s: float
    is_cached: bool
    is_stale: bool = False
    encoded: dict[int, tuple[bytes, str]] = {}
    documents: dict[int, tuple[bytes, str]] = {}

    @property
    def age_s(self) -> float:
        """Seconds since it was read."""
        return time.monotonic() - self.read_at_s

    def encode(self, limit: int) -> tuple[bytes, str]:
        """The JSON array of the first `limit` entries and its digest; made once per limit."""
        known = self.encoded.get(limit)
        if known is None:
            body = msgspec.json.encode(self.entries[:limit])
            known = self.encoded[limit] = (body, hashlib.sha256(body).hexdigest()[:16])
        return known

    def document(self, limit: int) -> tuple[bytes, str]:
        """The same with the time of the list, as clients read it."""
        known = self.documents.get(limit)
        if known is None:
            entries, digest = self.encode(limit)
            generated_at = iso_utc(from_unix_us(self.generated_us)).encode()
            body = b'{"entries":%b,"generatedAt":"%b"}' % (entries, generated_at)
            known = self.documents[limit] = (body, digest)
        return known


class TopReader:
    """Tops from Redis, else from PostgreSQL's index, else the last one known while it is fresh."""

    def __init__(
        self,
        standings: Standings,
        ledger: LedgerReader,
        clock: DatabaseClock,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._standings = standings
        self._ledger = ledger
        self._clock = clock
        self._hits = metrics.cache_hits.labels("top")
        self._misses = metrics.cache_misses.labels("top")
        self._fresh_s = settings.top_cache_ms / 1000
        self._fallback_fresh_s = settings.top_fallback_cache_ms / 1000
        self._stale_max_s = settings.top_stale_max_s
        self._latest: dict[BoardId, TopList] = {}
        self._reading: dict[BoardId, asyncio.Task[TopList]] = {}

    async def read(self, board_id: BoardId) -> TopList:
        """A top list at most a tick old. Raises StorageUnavailable where none is known."""
        known = self.known(board_id)
        if known is not None:
            return known
        latest = self._latest.get(board_id)
        try:
            return await self._read_once(board_id)
        except StorageUnavailable:
            if latest is None or latest.age_s > self._stale_max_s:
                raise
            return msgspec.structs.replace(latest, is_stale=True)

    def known(self, board_id: BoardId) -> TopList | None:
        """The same without asking anybody; None where a store has to be asked."""
        latest = self._latest.get(board_id)
        if latest is None or latest.age_s >= self._freshness_s(latest):
            return None
        self._hits.inc()
        return latest

    async def read_now(self, board_id: BoardId) -> TopList:
        """The top as it is at this moment. Raises StorageUnavailable."""
        started_s = time.monotonic()
        started_us = self._clock.now_us()
        try:
            rows = await self._standings.read_top(board_id, TOP_MAX)
            is_cached = True
            self._hits.inc()
        except StandingsUnavailable:
            rows = await self._ledger.read_top(board_id, TOP_MAX)
            is_cached = False
            self._misses.inc()
        top = TopList(rank_entries(rows), started_us, started_s, is_cached)
        latest = self._latest.get(board_id)
        if latest is None or latest.read_at_s <= started_s:  # else a later read was quicker
            self._latest[board_id] = top
        return top

    async def _read_once(self, board_id: BoardId) -> TopList:
        """Concurrent callers share one read, which outlives any of them."""
        task = self._reading.get(board_id)
        if task is None:
            task = asyncio.create_task(self.read_now(board_id))
            self._reading[board_id] = task
            task.add_done_callback(lambda _: self._reading.pop(board_id, None))
        return await asyncio.shield(task)

    def _freshness_s(self, top: TopList) -> float:
        return self._fresh_s if top.is_cached else self._fallback_fresh_s
