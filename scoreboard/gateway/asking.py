"""What the request for a connection names: who asks, for which views of which board."""

from __future__ import annotations

from aiohttp import web
from msgspec import Struct

from scoreboard.auth.policy import parse_bearer
from scoreboard.domain.errors import AuthRequired, InvalidPayload
from scoreboard.domain.frames import TOP_VIEWS, USERS, ViewKey
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.gateway.admission import find_board
from scoreboard.gateway.channel import Position
from scoreboard.gateway.viewing import (
    PERSONAL_VIEWS,
    VIEWS,
    Identity,
    Sources,
    Viewing,
    read_identity,
    read_users,
)

TOKEN_PARAMETERS = ("token", "access_token")


class Asked(Struct, frozen=True):
    """Views, each once; the users of the view `users`; who asks, where a token says it."""

    keys: tuple[ViewKey, ...]
    users: tuple[UserId, ...]
    identity: Identity | None

    def show(self, viewing: Viewing, known: tuple[ViewKey, Position] | None = None) -> None:
        """Begins; `known` is the one version that the client has, if any."""
        viewing.attend()
        if self.identity is not None:
            viewing.identify(self.identity)
        for key in self.keys:
            has_key = known is not None and known[0] == key
            users = self.users if key[1] == USERS else None
            viewing.subscribe(key, users, known[1] if known and has_key else None)


async def read_asked(request: web.Request, sources: Sources) -> Asked:
    """Of `?view=top:10&view=me&board=main` and `Authorization: Bearer …`.

    Raises InvalidPayload, AuthRequired for a personal view without a token, TokenInvalid or
    TokenExpired, NotFound for a board that is not there, StorageUnavailable.
    """
    query = request.query
    if any(name in query for name in TOKEN_PARAMETERS):
        raise InvalidPayload.in_parameter(
            "token", "Tokens are never sent in a URL, which proxies and logs keep."
        )
    boards = query.getall("board", [MAIN_BOARD])
    if len(boards) > 1:
        raise InvalidPayload.in_parameter(
            "board", "Name one board; a WebSocket subscribes to others by a message."
        )
    views = tuple(dict.fromkeys(query.getall("view", [])))
    _check_views(views, sources.views_max)
    users = _read_users(query.getall("users", []), is_wanted=USERS in views)
    identity = _read_identity(request, sources)
    if identity is None and not PERSONAL_VIEWS.isdisjoint(views):
        raise AuthRequired
    board_id = await find_board(boards[0], sources.board_exists)
    return Asked(tuple((board_id, view) for view in views), users, identity)


def _check_views(views: tuple[str, ...], views_max: int) -> None:
    if any(view not in VIEWS for view in views):
        names = ", ".join(TOP_VIEWS)
        raise InvalidPayload.in_parameter("view", f"Must be one of {names}, me, around:K, users.")
    if len(views) > views_max:
        raise InvalidPayload.in_parameter(
            "view", f"One connection shows at most {views_max} views."
        )


def _read_users(values: list[str], *, is_wanted: bool) -> tuple[UserId, ...]:
    if not values and not is_wanted:
        return ()
    try:
        # What belongs to no view is as wrong as no users, or two lists of them.
        return read_users(values[0].split(",") if is_wanted and len(values) == 1 else ())
    except InvalidPayload:
        raise InvalidPayload.in_parameter(
            "users", "The view `users` needs 1 to 100 user ids, separated by commas."
        ) from None


def _read_identity(request: web.Request, sources: Sources) -> Identity | None:
    values = request.headers.getall("Authorization", [])
    return read_identity(parse_bearer(values), sources) if values else None
