"""Players and watchers that do what the documentation asks of clients, and note what they meet."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from scoreboard.auth.issue import TokenIssuer
from tests.processes import Attempt, Player
from tests.screen import Screen

PATIENCE_S = 30.0
PAUSE_S = 0.02
"""Between two actions, so that the load leaves the machine some room: an instance starts in it."""
RETURN_MS = (100, 300)
"""When a WebSocket that was cut off comes back; a stream is told when."""


@dataclass
class Watcher:
    """A client of `/ws` or `/sse` that comes back whenever it is sent away or cut off."""

    path: str
    is_connected: bool = False
    changes: list[tuple[float, int]] = field(default_factory=list)
    """When (monotonic) it was connected, +1, and disconnected, −1."""
    farewells: int = 0
    screen: Screen = field(default_factory=Screen)
    """A stream's goes on after a lost connection, a WebSocket's begins anew."""
    _last_id: str = ""
    _return_ms: tuple[int, int] = RETURN_MS
    _retry_ms: tuple[int, int] = RETURN_MS
    """What the last stream said: it counts until another says otherwise, as in a browser."""

    async def watch(self, session: aiohttp.ClientSession, url: str) -> None:
        """Until cancelled."""
        listen: Callable[[aiohttp.ClientSession, str], Awaitable[None]]
        listen = self._listen_to_socket if self.path == "/ws" else self._listen_to_stream
        while True:
            self._return_ms = RETURN_MS if self.path == "/ws" else self._retry_ms
            try:
                await listen(session, f"{url}{self.path}?view=top:10")
            except (aiohttp.ClientError, ConnectionError):
                pass  # refused or cut off: the same as an end without a farewell
            finally:
                self._note_connection(is_connected=False)
            await asyncio.sleep(random.uniform(*self._return_ms) / 1000)  # noqa: S311 - no secret

    async def _listen_to_socket(self, session: aiohttp.ClientSession, url: str) -> None:
        async with session.ws_connect(url) as socket:
            self._note_connection(is_connected=True)
            self.screen = Screen()
            async for message in socket:
                self._take(json.loads(message.data))

    async def _listen_to_stream(self, session: aiohttp.ClientSession, url: str) -> None:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        timeout = aiohttp.ClientTimeout(total=None)
        async with session.get(url, headers=headers, timeout=timeout) as answer:
            if answer.status != 200:
                return
            self._note_connection(is_connected=True)
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "retry":
                    self._return_ms = self._retry_ms = (int(value), int(value))
                elif name == "id":
                    self._last_id = value
                elif name == "data":
                    self._take(json.loads(value))

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "bye":
            self.farewells += 1
            if self.path == "/ws":  # a stream's `retry` lies within
                self._return_ms = tuple(frame["reconnectInMs"])
        else:
            self.screen.apply(frame)

    def _note_connection(self, *, is_connected: bool) -> None:
        if self.is_connected != is_connected:
            self.is_connected = is_connected
            self.changes.append((time.monotonic(), 1 if is_connected else -1))


class Load:
    """Players and watchers on one address; see `playing` and `watching`."""

    def __init__(self, issuer: TokenIssuer, url: str, *, players: int, watchers: int) -> None:
        self.url = url
        self.attempts: list[Attempt] = []
        self.players = [Player(issuer, self._note) for _ in range(players)]
        # Not in turns: a balancer that takes turns too would part the kinds.
        self.watchers = [Watcher(path) for path in ("/ws", "/sse") for _ in range(watchers)]
        self._progress = asyncio.Event()

    @property
    def troubles(self) -> list[str]:
        """What players met instead of an answer."""
        return [attempt.trouble for attempt in self.attempts if attempt.trouble]

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """The players play; afterwards each knows what became of every action of his."""
        enough = asyncio.Event()
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as players:
            for player in self.players:
                players.create_task(self._play(player, session, enough))
            try:
                yield
            finally:
                enough.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """The watchers watch."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            tasks = [group.create_task(each.watch(session, self.url)) for each in self.watchers]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def more(self, count: int) -> None:
        """Until so many more attempts have been made."""
        goal = len(self.attempts) + count
        async with asyncio.timeout(PATIENCE_S):
            while len(self.attempts) < goal:
                self._progress.clear()
                await self._progress.wait()

    async def _play(
        self, player: Player, session: aiohttp.ClientSession, enough: asyncio.Event
    ) -> None:
        """Until it is enough; the last action is seen through too."""
        while not enough.is_set():
            async with asyncio.timeout(PATIENCE_S):
                await player.earn(session, self.url)
            await asyncio.sleep(PAUSE_S)

    def _note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self._progress.set()
