"""GET /users/{userId}/events: a user's history, for moderators."""

from __future__ import annotations

import msgspec
from aiohttp import web

from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.ledger.history import EVENT_ID_MAX
from scoreboard.moderation.moderation import Moderation
from scoreboard.reads.boards import BoardDirectory
from scoreboard.web.act_queries import parse_before, parse_page
from scoreboard.web.acts import JSON, Actors
from scoreboard.web.parsing import parse_path_board, parse_path_user


class UserRoutes:
    """What is held of one user."""

    def __init__(self, moderation: Moderation, actors: Actors, boards: BoardDirectory) -> None:
        self._moderation = moderation
        self._actors = actors
        self._boards = boards

    def add_to(self, app: web.Application) -> None:
        """Serves the plain and the board-qualified form."""
        for head in ("", "/boards/{board_id}"):
            app.router.add_get(f"{head}/users/{{user_id}}/events", self.read_events)

    async def read_events(self, request: web.Request) -> web.Response:
        """What the user has, and the newest events below `before`; `next` goes on after them."""
        actor = self._actors.of(request)
        user_id = parse_path_user(request)
        below_id, limit = parse_before(request, EVENT_ID_MAX), parse_page(request)
        board = await self._boards.find(parse_path_board(request, MAIN_BOARD))
        found = await self._moderation.read_events(board.board_id, user_id, below_id, limit, actor)
        document = {
            "userId": user_id,
            "total": found.total,
            "events": found.events,
            "next": found.following,
        }
        return web.Response(body=msgspec.json.encode(document), headers=JSON)
