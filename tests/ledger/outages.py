"""PostgreSQL behind a proxy that tests cut and stop."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from scoreboard.ledger.database import Database, open_database
from scoreboard.ledger.reader import LedgerReader
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.settings import Settings
from tests.bus.proxy import Proxy
from tests.ledger.increments import Draft

TIMEOUT_MS = 600
IN_TIME_S = 1.0


@dataclasses.dataclass
class Link:
    """A small pool behind a proxy, and what uses it."""

    proxy: Proxy
    database: Database
    writer: LedgerWriter
    reader: LedgerReader

    async def answer(self, draft: Draft) -> object:
        """The verdict or refusal of one increment."""
        return (await self.writer.apply([draft.make()]))[0]

    async def answer_in_time(self, draft: Draft) -> object:
        """The same; it must come within the short time limit."""
        async with asyncio.timeout(IN_TIME_S):
            return await self.answer(draft)


@asynccontextmanager
async def open_link(settings: Settings, database_url: str) -> AsyncIterator[Link]:
    """A link with one open connection."""
    async with proxied(database_url) as (proxy, url):
        settings = dataclasses.replace(settings, database_url=url)
        async with open_database(settings) as database:
            yield Link(proxy, database, LedgerWriter(database), LedgerReader(database))


@asynccontextmanager
async def proxied(database_url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy to the server of the URL, and the URL that leads through it."""
    parts = urlsplit(database_url)
    place = parse_qs(parts.query)
    socket = f"unix://{place['host'][0]}/.s.PGSQL.{place['port'][0]}"
    async with Proxy(socket) as proxy:
        netloc = f"{parts.username}@127.0.0.1:{proxy.port}"
        yield proxy, parts._replace(netloc=netloc, query="sslmode=disable").geturl()
