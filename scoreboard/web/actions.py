"""POST /actions: a trusted game server has an action granted."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.policy import authorize_grant, parse_bearer
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import Principal
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.web.bodies import parse_grant, read_body
from scoreboard.web.parsing import parse_path_board


class Grants:
    """Grants actions within the rules of their boards: signed, for one user, valid once."""

    def __init__(
        self,
        issuer: TokenIssuer,
        boards: BoardDirectory,
        now_s: Callable[[], float],
        settings: Settings,
    ) -> None:
        self._issuer = issuer
        self._boards = boards
        self._now_s = now_s
        self._life_s = settings.grant_life_s

    async def grant(
        self, principal: Principal, board_id: BoardId, user_id: UserId, act: str, delta: int
    ) -> web.Response:
        """201 with the token, its nonce and its expiry.

        Raises NotFound, InsufficientScope and PolicyDenied.
        """
        board = await self._boards.find(board_id)
        authorize_grant(principal, board, act, delta)
        granted = self._issuer.grant_action(
            user_id=user_id,
            board_id=board.board_id,
            delta=delta,
            act=act,
            life_s=self._life_s,
            now_s=self._now_s(),
        )
        document = {
            "actionToken": granted.token,
            "nonce": granted.nonce,
            "expiresAt": iso_utc(from_unix_us(granted.expires_at_s * 1_000_000)),
        }
        return web.Response(
            status=201,
            body=msgspec.json.encode(document),
            headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
        )


class ActionRoutes:
    """What game servers ask for."""

    def __init__(
        self,
        verifier: TokenVerifier,
        grants: Grants,
        now_s: Callable[[], float],
        settings: Settings,
    ) -> None:
        self._verifier = verifier
        self._grants = grants
        self._now_s = now_s
        self._settings = settings

    def add_to(self, app: web.Application) -> None:
        """Serves the plain and the board-qualified form."""
        app.router.add_post("/actions", self.grant)
        app.router.add_post("/boards/{board_id}/actions", self.grant)

    async def grant(self, request: web.Request) -> web.Response:
        """201 with the token, its nonce and its expiry."""
        token = parse_bearer(request.headers.getall("Authorization", []))
        principal = self._verifier.verify_bearer(token, self._now_s())
        body = await read_body(
            request, self._settings.body_max_bytes, self._settings.body_timeout_s
        )
        user_id, act, delta, named = parse_grant(body)
        board_id = parse_path_board(request, named or MAIN_BOARD)
        if named not in {None, board_id}:
            raise InvalidPayload.at("/board", "The address names another board.")
        return await self._grants.grant(principal, board_id, user_id, act, delta)
