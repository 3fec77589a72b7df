"""A gateway on a real port, the views it reads, and the clients that tests connect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType, web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from aiohttp.web_runner import BaseRunner

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.claims import Principal
from scoreboard.domain.errors import Refusal, StorageUnavailable, TokenExpired, TokenInvalid
from scoreboard.domain.frames import Snapshot, ViewKey, encode_frame
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.domain.standings import Entry, Neighbours, Standing, rank_entries
from scoreboard.gateway.clients import Client as Connected
from scoreboard.gateway.connection import Connection
from scoreboard.gateway.following import Following
from scoreboard.gateway.gateway import Gateway
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.stream import Stream
from scoreboard.gateway.viewing import Sources
from scoreboard.settings import Settings
from scoreboard.telemetry.metrics import Metrics

PATIENCE_S = 5.0
NOW_S = 1_700_000_000
NOW_US = NOW_S * 1_000_000
USER_ID = UserId("0b0f6d7e-0000-4000-8000-000000000001")


def snapshot(
    version: int,
    *,
    view: str = "top:10",
    board: str = "main",
    epoch: str = "e1",
    term: int = 1,
    entries: int = 1,
) -> ViewMessage:
    """A version of a view whose first score is the version; an entry takes about 75 bytes."""
    rows = tuple(Entry(USER_ID, version, rank) for rank in range(1, entries + 1))
    frame = Snapshot(view, BoardId(board), epoch, version, rows, "2023-11-14T22:13:20Z")
    changed_us = NOW_US - 7_000
    return ViewMessage(BoardId(board), view, term, epoch, version, encode_frame(frame), changed_us)


@dataclass
class Views:
    """What is stored: the input of a gateway. `gate` holds loads back, `is_down` fails them."""

    messages: dict[ViewKey, ViewMessage] = field(default_factory=dict)
    loads: int = 0
    comparisons: int = 0
    is_down: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: ViewMessage) -> None:
        """Stores a version."""
        self.messages[(message.board_id, message.view)] = message

    async def load_view(self, board_id: BoardId, view: str) -> ViewMessage | None:
        """Reads a version, then waits at the gate before it tells."""
        self.loads += 1
        self._ask()
        message = self.messages.get((board_id, view))
        await self.gate.wait()
        return message

    async def load_versions(self, keys: Sequence[ViewKey]) -> dict[ViewKey, int]:
        """Reads the version numbers."""
        self.comparisons += 1
        self._ask()
        return {key: self.messages[key].version for key in keys if key in self.messages}

    def _ask(self) -> None:
        self.asked.set()
        if self.is_down:
            raise StorageUnavailable


@dataclass
class People:
    """Users with scores: the other input. Who stands where is reckoned by brute force."""

    scores: dict[UserId, int] = field(default_factory=dict)
    looks: int = 0
    is_down: bool = False
    looked: asyncio.Event = field(default_factory=asyncio.Event)

    async def read_standings(
        self, _board_id: BoardId, users: Sequence[UserId]
    ) -> tuple[list[Standing | None], int]:
        """As `StandingReader.read_many` tells it."""
        self._look()
        entries = {entry.user_id: entry for entry in self.entries()}
        found = [entries.get(user) for user in users]
        return [
            None if each is None else Standing(each.user_id, each.score, each.rank, 1, NOW_US)
            for each in found
        ], len(entries)

    async def read_neighbours(
        self, _board_id: BoardId, users: Sequence[UserId], radius: int
    ) -> list[Neighbours | None]:
        """As `NeighbourReader.read_many` tells it."""
        self._look()
        entries = self.entries()
        places = {entry.user_id: place for place, entry in enumerate(entries)}
        return [
            Neighbours(
                entries[max(0, places[user] - radius) : places[user] + radius + 1], len(entries)
            )
            if user in places
            else None
            for user in users
        ]

    def entries(self) -> tuple[Entry, ...]:
        """The board."""
        return rank_entries(sorted(self.scores.items(), key=lambda row: -row[1]))

    def _look(self) -> None:
        self.looks += 1
        self.looked.set()
        if self.is_down:
            raise StorageUnavailable


class _Server(TestServer):
    """Does not cancel a handler whose client has gone: the service's own runner does not either."""

    async def _make_runner(self, **options: Any) -> BaseRunner:
        return await super()._make_runner(**options | {"handler_cancellation": False})


class Service:
    """A running gateway with its views."""

    def __init__(self, settings: Settings) -> None:
        self.views = Views()
        self.views.gate.set()
        self.board_asked = asyncio.Event()
        self.board_gate = asyncio.Event()
        self.board_gate.set()
        self.metrics = Metrics()
        self.hub = Hub(
            self.views.load_view, self.views.load_versions, settings, self.metrics, lambda: NOW_US
        )
        self.people = People()
        self.now_s = NOW_S
        following = Following(
            self.people.read_standings, self.people.read_neighbours, settings, self.metrics
        )
        self.following = following
        views_max = settings.websocket_views_max
        sources = Sources(
            self.hub, following, self._board_exists, self._verify, lambda: self.now_s, views_max
        )
        self.gateway = Gateway(sources, settings, self.metrics, self._client_ip)
        app = web.Application(middlewares=[_render])
        self.gateway.add_routes(app)
        self.server = _Server(app)
        self.session = ClientSession(connector=TCPConnector(limit=0))

    @asynccontextmanager
    async def connect(self, query: str = "", **options: Any) -> AsyncIterator[Client]:
        """A client of `/ws`; `options` as for aiohttp's `ws_connect`."""
        url = self.server.make_url("/ws").with_query(query)
        async with self.session.ws_connect(url, **options) as socket:
            yield Client(socket)

    async def refused(self, query: str = "", path: str = "/ws", **headers: str) -> str:
        """The code of the problem that a handshake is answered with."""
        url = self.server.make_url(path).with_query(query)
        async with self.session.get(url, headers=HANDSHAKE | headers) as answer:
            assert answer.status == 400
            document: dict[str, str] = await answer.json()
            return document["code"]

    def publish(self, message: ViewMessage) -> None:
        """What the relay does: stores, then sends."""
        self.views.put(message)
        self.hub.receive(message)

    def hold_boards(self) -> None:
        """Who asks for a board waits at `board_gate`; `board_asked` tells that somebody does."""
        self.board_asked.clear()
        self.board_gate.clear()

    def connections(self) -> tuple[Connection, ...]:
        """The WebSockets now open, oldest first."""
        return tuple(each for each in self._present() if isinstance(each, Connection))

    def streams(self) -> tuple[Stream, ...]:
        """The event streams now open, oldest first."""
        return tuple(each for each in self._present() if isinstance(each, Stream))

    async def gone(self, client: Connected) -> None:
        """Waits until the client is forgotten."""
        await until(lambda: client not in self._present())

    def _present(self) -> tuple[Connected, ...]:
        return tuple(self.gateway._clients._present)

    async def _board_exists(self, board_id: BoardId) -> bool:
        self.board_asked.set()
        await self.board_gate.wait()
        return board_id in (MAIN_BOARD, "other")

    def _verify(self, token: str) -> Principal:
        """Tokens of tests are `USER UNTIL`, so many seconds from now on; others are invalid."""
        subject, _, life_s = token.partition("~")
        if not life_s:
            raise TokenInvalid
        expires_at_s = NOW_S + int(life_s)
        if expires_at_s <= self.now_s:
            raise TokenExpired
        return Principal(subject, frozenset({"scores:write"}), "kid", expires_at_s)

    def _client_ip(self, request: web.Request) -> str:
        return request.headers.get("X-Test-Ip", "192.0.2.1")


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


async def until(holds: Callable[[], bool]) -> None:
    """Waits for what only a test wants to know, so that there is no event for it."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


@web.middleware
async def _render(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return web.json_response({"code": refusal.code, "detail": str(refusal)}, status=400)


class Client:
    """A WebSocket client that waits with patience and reads JSON."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.position = ("", 0)

    async def frame(self) -> dict[str, Any]:
        """The next frame that is no `ping`."""
        while True:
            async with asyncio.timeout(PATIENCE_S):
                document: dict[str, Any] = json.loads(await self.socket.receive_str())
            if document["type"] != "ping":
                return document

    async def version(self) -> int:
        """The version that the next frame brings; a delta must follow the one before."""
        document = await self.frame()
        if document["type"] == "delta":
            assert (document["epoch"], document["base"]) == self.position
        else:
            assert document["type"] == "snapshot"
        self.position = (document["epoch"], document["version"])
        return int(document["version"])

    async def send(self, **message: object) -> None:
        """Sends a JSON text."""
        await self.socket.send_str(json.dumps(message))

    async def close_code(self) -> int | None:
        """Reads until the end; returns the code."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.socket.receive()).type not in ENDED:
                pass
        return self.socket.close_code


ENDED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


@asynccontextmanager
async def serve(**settings: Any) -> AsyncIterator[Service]:
    """A gateway whose settings are the defaults but for those given."""
    service = Service(Settings(**settings))
    # A test that fails must not wait for clients that it left open.
    await service.server.start_server(shutdown_timeout=0.1)
    async with asyncio.TaskGroup() as tasks, service.session, service.server:
        running = [tasks.create_task(service.gateway.run())]
        try:
            yield service
        finally:
            for task in running:
                task.cancel()
