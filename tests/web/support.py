"""Requests that tests spoil on purpose, raw sockets, and a look into the ledger."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from scoreboard.auth.issue import GrantedAction
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from tests.harness import Answer, Scoreboard, new_user

ABSENT = object()
"""A header or member with this value is left out."""

EMPTY = {"score_events": 0, "action_nonces": 0, "user_scores": 0, "outbox": 0}
PATIENCE_S = 15.0
POLL_S = 0.01


@dataclass
class Draft:
    """An increment that would be applied, but for what a test changes before it is sent.

    `grant` is what the action token says differently, `granted_s` its age in seconds.
    """

    running: Scoreboard
    user_id: UserId = field(default_factory=new_user)
    delta: int = 5
    board_id: BoardId = MAIN_BOARD
    path: str = ""
    grant: dict[str, Any] = field(default_factory=dict)
    granted_s: float = 0.0
    headers: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    _granted: GrantedAction | None = None

    @property
    def granted(self) -> GrantedAction:
        """The action token, made on first use."""
        if self._granted is None:
            what = {"user_id": self.user_id, "delta": self.delta, "board_id": self.board_id}
            now_s = time.time() - self.granted_s
            self._granted = self.running.grant(**{**what, "now_s": now_s, **self.grant})
        return self._granted

    def content(self) -> bytes:
        """The body."""
        members = {
            "userId": self.user_id,
            "delta": self.delta,
            "actionToken": self.granted.token,
            **self.body,
        }
        return self.raw if self.raw is not None else json.dumps(_present(members)).encode()

    def fields(self) -> dict[str, str]:
        """The header fields."""
        own = {
            "Authorization": f"Bearer {self.running.bearer(self.user_id)}",
            "X-Action-Nonce": self.granted.nonce,
            "Content-Type": "application/json",
        }
        return _present({**own, **self.headers})

    @property
    def address(self) -> str:
        """The path; the board's own unless the test names one."""
        board = "" if self.board_id == MAIN_BOARD else f"/boards/{self.board_id}"
        return self.path or f"{board}/scores/increment"

    async def send(self) -> Answer:
        """Sends it; every call sends the same token."""
        return await self.running.send(
            "POST",
            self.address,
            data=self.content(),
            headers=self.fields(),
            skip_auto_headers=["Content-Type"],
        )

    def text(self, *lines: str, length: bool = True, without: tuple[str, ...] = ()) -> bytes:
        """The whole request as sent over a socket, with further header lines."""
        body = self.content()
        head = [f"POST {self.address} HTTP/1.1", "Host: test", "Connection: close"]
        fields = self.fields().items()
        head += [f"{name}: {value}" for name, value in fields if name not in without]
        head += [f"Content-Length: {len(body)}"] if length else []
        return "\r\n".join([*head, *lines, "", ""]).encode() + body


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ABSENT}


@asynccontextmanager
async def connected(
    running: Scoreboard,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to the public port."""
    address = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield reader, writer
    finally:
        writer.close()


async def exchange(running: Scoreboard, request: bytes) -> tuple[int, str]:
    """(status, code) of the answer to these bytes; the code is empty where it is no problem."""
    async with connected(running) as (reader, writer):
        writer.write(request)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    is_problem = b"application/problem+json" in head
    return int(head.split(b" ")[1]), json.loads(body)["code"] if is_problem else ""


async def query(database_url: str, statement: str, *arguments: object) -> list[Any]:
    """Rows, as the superuser."""
    connection = await asyncpg.connect(database_url)
    try:
        return list(await connection.fetch(statement, *arguments))
    finally:
        await connection.close()


async def rows(database_url: str) -> dict[str, int]:
    """How many rows each table of the ledger holds; `EMPTY` where nothing was written."""
    counts = [f"(SELECT count(*) FROM {name}) AS {name}" for name in EMPTY]  # noqa: S608 - ours
    return dict((await query(database_url, f"SELECT {', '.join(counts)}"))[0])


@asynccontextmanager
async def totals_locked(database_url: str) -> AsyncIterator[None]:
    """Every increment waits inside its transaction for as long as the context lasts."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE user_scores IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def waiting_backend(database_url: str) -> int:
    """The process of the transaction that waits for a lock, once one does."""
    waiting = (
        "SELECT pid FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if found := await query(database_url, waiting):
                return int(found[0]["pid"])
            await asyncio.sleep(POLL_S)
