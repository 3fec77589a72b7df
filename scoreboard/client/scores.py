"""The scoreboard over HTTP: increments that are redeemed once whatever gets lost, and reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from msgspec.structs import replace

from scoreboard.client.answers import Grant, Neighbours, Receipt, Standing, Top
from scoreboard.client.errors import NotAScoreboard
from scoreboard.client.frames import MAIN_BOARD
from scoreboard.client.live import LiveBoard
from scoreboard.client.problems import NonceReused, TokenExpired
from scoreboard.client.sending import Answer, Request, Sender
from scoreboard.client.tokens import Token, bring, nonce_of

Value = TypeVar("Value")


class ScoreboardClient:
    """One user of one service. `token` is a Bearer token, or an async function that gives one.

    Use it as `async with`, or give it a session, which it leaves open. An attempt of a request
    takes `timeout_s` at most; what got lost or was refused for the moment is sent again until
    `patience_s` are over. Every method raises Problem, by its code, Unanswered and NotAScoreboard.
    """

    def __init__(
        self,
        base_url: str,
        token: Token | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        timeout_s: float = 10.0,
        patience_s: float = 30.0,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError("The address must begin with http:// or https://.")
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._session = session
        self._is_own = session is None
        self._timeout_s = timeout_s
        self._patience_s = patience_s

    async def __aenter__(self) -> Self:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._is_own and self._session is not None:
            await self._session.close()
            self._session = None

    async def increment(
        self,
        user_id: str,
        delta: int,
        action_token: str,
        nonce: str | None = None,
        *,
        board: str = MAIN_BOARD,
        expected_version: int | None = None,
    ) -> Receipt:
        """Redeems an action, once. The nonce is that of the token unless it is given.

        An answer that is lost does no harm: the same request is sent again, and tells. With
        `expected_version` it is refused as VersionConflict where the score is another by now.
        """
        headers = {
            "X-Action-Nonce": nonce or nonce_of(action_token),
            "Content-Type": "application/json",
        }
        if expected_version is not None:
            headers["If-Match"] = f'"{expected_version}"'
        members = {"userId": user_id, "delta": delta, "actionToken": action_token}
        path = f"{_head(board)}/scores/increment"
        request = Request("POST", path, headers, msgspec.json.encode(members))
        try:
            return _receipt(await self._send(request, bears=True))
        except NonceReused as error:
            if not (error.was_lost and error.is_applied):
                raise
            return replace(_stored(error), is_repeated=True)

    async def top(self, limit: int = 10, *, board: str = MAIN_BOARD) -> Top:
        """The first entries of a board, 50 at most."""
        answer = await self._send(Request("GET", f"{_head(board)}/scores/top?limit={limit}"))
        return _read(answer, Top)

    async def user(self, user_id: str, *, board: str = MAIN_BOARD) -> Standing:
        """Where a user stands. Raises NotFound for one without a score."""
        path = f"{_head(board)}/scores/{quote(user_id, safe='')}"
        return _read(await self._send(Request("GET", path)), Standing)

    async def around(self, user_id: str, radius: int = 5, *, board: str = MAIN_BOARD) -> Neighbours:
        """A user among the `radius` above and below, 25 at most. Raises NotFound as `user` does."""
        path = f"{_head(board)}/scores/{quote(user_id, safe='')}/around?radius={radius}"
        return _read(await self._send(Request("GET", path)), Neighbours)

    async def grant(
        self, user_id: str, action: str, delta: int, *, board: str = MAIN_BOARD
    ) -> Grant:
        """An action for a user, valid once; the token needs the scope `actions:grant`."""
        members = {"userId": user_id, "action": action, "delta": delta}
        headers = {"Content-Type": "application/json"}
        path, body = f"{_head(board)}/actions", msgspec.json.encode(members)
        return _read(await self._send(Request("POST", path, headers, body), bears=True), Grant)

    def live(
        self, *views: str, board: str = MAIN_BOARD, users: Iterable[str] = (), **options: Any
    ) -> LiveBoard:
        """A live board of the same service and token; `options` are LiveBoard's."""
        given = {"token": self._token, "session": self._session, **options}
        return LiveBoard(self._base_url, *views, board=board, users=users, **given)

    async def _send(self, request: Request, *, bears: bool = False) -> Answer:
        assert self._session is not None, "use `async with`"
        sender = Sender(self._session, self._base_url, self._timeout_s, self._patience_s)
        if not bears or self._token is None:
            return await sender.send(request, None)
        token = await bring(self._token)
        try:
            return await sender.send(request, token)
        except TokenExpired as error:
            newer = await bring(self._token)
            if newer == token:
                raise
            return await sender.send(replace(request, was_lost=error.was_lost), newer)


def _head(board: str) -> str:
    return "" if board == MAIN_BOARD else f"/boards/{quote(board, safe='')}"


def _receipt(answer: Answer) -> Receipt:
    # A proxy that compresses weakens the tag.
    tag = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
    version = int(tag) if tag.isascii() and tag.isdigit() else None
    return replace(_read(answer, Receipt), version=version)


def _stored(refusal: NonceReused) -> Receipt:
    try:
        return msgspec.convert(refusal.members, Receipt)
    except msgspec.ValidationError as error:
        raise NotAScoreboard("it does not say what it stored") from error


def _read(answer: Answer, kind: type[Value]) -> Value:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAScoreboard("it sent something else than was asked for") from error
