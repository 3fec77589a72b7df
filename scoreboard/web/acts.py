"""/acts: what moderators do, and who did what."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from scoreboard.auth.policy import parse_bearer, require_some_act
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.acts import Actor
from scoreboard.domain.errors import InsufficientScope
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.domain.windows import ManyAct
from scoreboard.moderation.moderation import Moderation
from scoreboard.moderation.undoing import Undoing
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.web.act_bodies import parse_act
from scoreboard.web.act_queries import parse_filter, parse_page, parse_path_act
from scoreboard.web.bodies import read_body
from scoreboard.web.boundary import REQUEST_ID
from scoreboard.web.parsing import parse_idempotency_key, parse_path_board
from scoreboard.web.window_bodies import parse_preview

RUN_MEMBERS = ("events", "done", "refused", "finishedAt")
"""What is told of a run beside its act."""

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
        self._log = get_log("acts")

    def of(self, request: web.Request) -> Actor:
        """Raises AuthRequired, TokenInvalid or TokenExpired; and InsufficientScope where the bearer
        may do nothing here. That is logged and not recorded: else any player could fill the trail,
        whose rows stay for ever.
        """
        token = parse_bearer(request.headers.getall("Authorization", []))
        principal = self._verifier.verify_bearer(token, self._now_s())
        actor = Actor(
            subject=principal.subject,
            origin="rest",
            scopes=principal.scopes,
            kid=principal.kid,
            client_address=self._client_ip(request),
            request_id=request[REQUEST_ID],
        )
        try:
            require_some_act(actor.scopes)
        except InsufficientScope as refusal:
            self._log.warning(
                "stranger refused",
                outcome=refusal.code,
                actor=actor.subject,
                client_address=actor.client_address,
                request_id=actor.request_id,
            )
            raise
        return actor


class ActRoutes:
    """Parses an act, has it applied or begun, renders what comes of it."""

    def __init__(
        self,
        moderation: Moderation,
        undoing: Undoing,
        actors: Actors,
        boards: BoardDirectory,
        settings: Settings,
    ) -> None:
        self._moderation = moderation
        self._undoing = undoing
        self._actors = actors
        self._boards = boards
        self._settings = settings

    def add_to(self, app: web.Application) -> None:
        """Acts are of a board; their trail is of all of them."""
        for head in ("", "/boards/{board_id}"):
            app.router.add_post(f"{head}/acts", self.act)
            app.router.add_post(f"{head}/acts/preview", self.preview)
        app.router.add_get("/acts", self.read)
        app.router.add_get("/acts/{act_id}", self.read_one)

    async def act(self, request: web.Request) -> web.Response:
        """201 once it is durable, 202 where it is only begun, 200 where it had been before."""
        actor = self._actors.of(request)
        body = await self._body(request)
        key = parse_idempotency_key(request.headers)
        board_id = parse_path_board(request, MAIN_BOARD)
        act = parse_act(body, board_id, key)
        board = await self._boards.find(board_id)
        if isinstance(act, ManyAct):
            state, is_repeated = await self._undoing.begin(act, actor)
            document = {**msgspec.to_builtins(state), "repeated": is_repeated}
            return _answer(document, 200 if is_repeated else 202)
        receipt = await self._moderation.act(act, actor, board)
        return _answer(receipt, 200 if receipt.is_repeated else 201)

    async def preview(self, request: web.Request) -> web.Response:
        """What an act about many events would change."""
        actor = self._actors.of(request)
        body = await self._body(request)
        extent = parse_preview(body, parse_path_board(request, MAIN_BOARD))
        await self._boards.find(extent.board_id)
        return _answer(await self._undoing.preview(extent, actor))

    async def read(self, request: web.Request) -> web.Response:
        """The newest acts that the query admits; `next` goes on where they end."""
        actor = self._actors.of(request)
        wanted, limit = parse_filter(request), parse_page(request)
        found = await self._moderation.find_acts(wanted, limit, actor)
        return _answer({"acts": found.acts, "next": found.following})

    async def read_one(self, request: web.Request) -> web.Response:
        """An act, and how far it has come where it is about many events."""
        actor = self._actors.of(request)
        act = await self._moderation.find_act(parse_path_act(request), actor)
        state = await self._undoing.state(act.act_id)
        told = {} if state is None else msgspec.to_builtins(state)
        run = {name: told[name] for name in RUN_MEMBERS} if told else None
        return _answer({**msgspec.to_builtins(act), "run": run})

    async def _body(self, request: web.Request) -> bytes:
        return await read_body(
            request, self._settings.body_max_bytes, self._settings.body_timeout_s
        )


def _answer(document: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(document), headers=JSON)
