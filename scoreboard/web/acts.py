"""POST /acts and GET /acts: what moderators do, and who did what."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from scoreboard.auth.policy import parse_bearer
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.acts import Actor
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.moderation.moderation import Moderation
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.web.act_bodies import parse_act
from scoreboard.web.act_queries import parse_filter, parse_page
from scoreboard.web.bodies import read_body
from scoreboard.web.boundary import REQUEST_ID
from scoreboard.web.parsing import parse_idempotency_key, parse_path_board

JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}


class Actors:
    """Who acts: from the Bearer token of a request."""

    def __init__(
        self,
        verifier: TokenVerifier,
        client_ip: Callable[[web.Request], str],
        now_s: Callable[[], float],
    ) -> None:
        self._verifier = verifier
        self._client_ip = client_ip
        self._now_s = now_s

    def of(self, request: web.Request) -> Actor:
        """Raises AuthRequired, TokenInvalid or TokenExpired."""
        token = parse_bearer(request.headers.getall("Authorization", []))
        principal = self._verifier.verify_bearer(token, self._now_s())
        return Actor(
            subject=principal.subject,
            origin="rest",
            scopes=principal.scopes,
            kid=principal.kid,
            client_address=self._client_ip(request),
            request_id=request[REQUEST_ID],
        )


class ActRoutes:
    """Parses an act, has it applied, renders the receipt."""

    def __init__(
        self, moderation: Moderation, actors: Actors, boards: BoardDirectory, settings: Settings
    ) -> None:
        self._moderation = moderation
        self._actors = actors
        self._boards = boards
        self._settings = settings

    def add_to(self, app: web.Application) -> None:
        """Acts are of a board; their trail is of all of them."""
        app.router.add_post("/acts", self.act)
        app.router.add_post("/boards/{board_id}/acts", self.act)
        app.router.add_get("/acts", self.read)

    async def act(self, request: web.Request) -> web.Response:
        """201 once it is durable, 200 where that very act had been applied before."""
        actor = self._actors.of(request)
        body = await read_body(
            request, self._settings.body_max_bytes, self._settings.body_timeout_s
        )
        key = parse_idempotency_key(request.headers)
        act = parse_act(body, parse_path_board(request, MAIN_BOARD), key)
        board = await self._boards.find(act.board_id)
        receipt = await self._moderation.act(act, actor, board)
        status = 200 if receipt.is_repeated else 201
        return web.Response(status=status, body=msgspec.json.encode(receipt), headers=JSON)

    async def read(self, request: web.Request) -> web.Response:
        """The newest acts that the query admits; `next` goes on where they end."""
        actor = self._actors.of(request)
        wanted, limit = parse_filter(request), parse_page(request)
        found = await self._moderation.find_acts(wanted, limit, actor)
        following = found[-1].act_id if len(found) == limit else None
        document = {"acts": found, "next": following}
        return web.Response(body=msgspec.json.encode(document), headers=JSON)
