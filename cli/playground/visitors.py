"""What the page of `scoreboard dev` asks for, so that whoever looks at it can play along.

`POST /dev/visitor` says who the visitor is, `POST /dev/grant` has an action granted to him, as a
game server would, and `GET /dev/names` tells what players are called. Only this command serves
them, and only to its own page: it listens on this machine, where every page of the web could ask.
"""

from __future__ import annotations

import ipaddress
import time
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from cli.playground.names import invent_visitor, naming
from cli.playground.players import GAME_SERVER
from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.policy import parse_bearer
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import Principal, Scope
from scoreboard.domain.errors import InvalidPayload, PolicyDenied
from scoreboard.domain.identifiers import MAIN_BOARD, parse_board_id, parse_user_id
from scoreboard.web.actions import Grants
from scoreboard.web.bodies import read_body

BEARER_LIFE_S = 900
BODY_MAX_BYTES = 1024
BODY_TIMEOUT_S = 5.0
NAMES_MAX = 100
SEED_MIN, SEED_MAX = 22, 64
ACTION = "visit"
DELTA = 25


class VisitorBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Of POST /dev/visitor: a secret that the page keeps, and by which it is known again."""

    seed: str


class GrantBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Of POST /dev/grant."""

    board: str = MAIN_BOARD


class VisitorRoutes:
    """Serves visitors of the page."""

    def __init__(self, issuer: TokenIssuer, verifier: TokenVerifier, players: int) -> None:
        """So many `players` are simulated beside them."""
        self._issuer = issuer
        self._verifier = verifier
        self._name_of = naming(players)

    def add_to(self, app: web.Application, grants: Grants) -> None:
        """Serves all three."""
        self._grants = grants
        app.router.add_post("/dev/visitor", self.welcome)
        app.router.add_post("/dev/grant", self.grant)
        app.router.add_get("/dev/names", self.read_names)

    async def welcome(self, request: web.Request) -> web.Response:
        """Who the visitor is, and a Bearer token of his."""
        check_own_page(request)
        body = await _read(request, VisitorBody)
        if not SEED_MIN <= len(body.seed) <= SEED_MAX:
            raise InvalidPayload.at("/seed", f"Must be {SEED_MIN} to {SEED_MAX} characters.")
        visitor = invent_visitor(body.seed)
        token = self._bearer(visitor.user_id, Scope.WRITE)
        return _json({"userId": visitor.user_id, "name": visitor.name, "token": token})

    async def grant(self, request: web.Request) -> web.Response:
        """201 with an action for the bearer, as POST /actions answers."""
        check_own_page(request)
        visitor = self._verify(parse_bearer(request.headers.getall("Authorization", [])))
        body = await _read(request, GrantBody)
        board_id = parse_board_id(body.board)
        user_id = parse_user_id(visitor.subject)
        if board_id is None or user_id is None:
            raise InvalidPayload.at("/board", "Must be the id of a board.")
        game_server = self._verify(self._bearer(GAME_SERVER, Scope.GRANT))
        return await self._grants.grant(game_server, board_id, user_id, ACTION, DELTA)

    async def read_names(self, request: web.Request) -> web.Response:
        """`{userId: name}` of the users in `?ids=`, separated by commas."""
        ids = [parse_user_id(each) for each in request.query.get("ids", "").split(",")]
        if not 1 <= len(ids) <= NAMES_MAX or None in ids:
            raise InvalidPayload.in_parameter("ids", f"Must be 1 to {NAMES_MAX} user ids.")
        return _json({user_id: self._name_of(user_id) for user_id in ids if user_id})

    def _bearer(self, subject: str, scope: Scope) -> str:
        return self._issuer.issue_bearer(
            subject=subject, scopes=[scope], life_s=BEARER_LIFE_S, now_s=time.time()
        )

    def _verify(self, token: str) -> Principal:
        return self._verifier.verify_bearer(token, time.time())


def check_own_page(request: web.Request) -> None:
    """Raises PolicyDenied unless this service's own page asks, under a name that is this machine's.

    A foreign page has another Origin. One whose host name was made to lead here has the same, but
    its name is neither `localhost` nor an address.
    """
    origins = request.headers.getall("Origin", [])
    if origins != [f"{request.scheme}://{request.host}"] or not _is_of_this_machine(request):
        raise PolicyDenied("Only the page of this scoreboard may ask for this.")


def _is_of_this_machine(request: web.Request) -> bool:
    host = request.url.host or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


async def _read(request: web.Request, form: type[Any]) -> Any:  # noqa: ANN401 - one of that form
    body = await read_body(request, BODY_MAX_BYTES, BODY_TIMEOUT_S)
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidPayload.at("", str(error)) from error


def _json(document: object) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(document),
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )
