"""GET /boards and GET /stats: what moderators act upon, and how the service is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from msgspec import Struct, field

from scoreboard.auth.policy import require_moderator
from scoreboard.domain.boards import Board
from scoreboard.domain.identifiers import BoardId
from scoreboard.ledger.outbox import OutboxState
from scoreboard.reads.boards import BoardDirectory
from scoreboard.telemetry.stats import Counted
from scoreboard.web.acts import JSON, Actors


class BoardLimits(Struct, frozen=True, rename="camel"):
    """One board as moderators see it; `allowed_actions` null admits every action."""

    board_id: BoardId = field(name="board")
    max_delta: int
    min_score: int
    max_score: int
    allowed_actions: list[str] | None


class Stats(Struct, frozen=True, rename="camel"):
    """One process's counts, and the outbox of all."""

    instance: str
    at: str
    counted: Counted
    outbox: OutboxState
    dependencies: dict[str, str]


class OperationRoutes:
    """Reads of nobody's personal data, for moderators; not recorded in the trail."""

    def __init__(
        self, actors: Actors, boards: BoardDirectory, stats: Callable[[], Awaitable[Stats]]
    ) -> None:
        self._actors = actors
        self._boards = boards
        self._stats = stats

    def add_to(self, app: web.Application) -> None:
        """Serves both."""
        app.router.add_get("/boards", self.read_boards)
        app.router.add_get("/stats", self.read_stats)

    async def read_boards(self, request: web.Request) -> web.Response:
        """Every board with its limits, by name."""
        require_moderator(self._actors.of(request).scopes)
        await self._boards.refresh()
        found = [_limits(await self._boards.find(each)) for each in self._boards.board_ids]
        return _answer({"boards": found})

    async def read_stats(self, request: web.Request) -> web.Response:
        """The counts of the process that answers: see `instance` before comparing two answers."""
        require_moderator(self._actors.of(request).scopes)
        return _answer(await self._stats())


def _limits(board: Board) -> BoardLimits:
    allowed = None if board.allowed_actions is None else sorted(board.allowed_actions)
    return BoardLimits(board.board_id, board.max_delta, board.min_score, board.max_score, allowed)


def _answer(document: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(document), headers=JSON)
