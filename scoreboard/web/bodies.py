"""Strict reading of bodies: what is not exactly as documented is refused, by name."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from scoreboard.domain.errors import (
    ActionTokenMissing,
    InvalidPayload,
    PayloadTooLarge,
    UnsupportedEncoding,
)
from scoreboard.domain.identifiers import (
    BoardId,
    UserId,
    is_action_name,
    parse_board_id,
    parse_user_id,
)
from scoreboard.domain.increments import MAX_SCORE

# What the string members of a valid body are made of: nothing that could hide a colon.
_TOKEN = re.compile(r"[A-Za-z0-9_.=-]+", re.ASCII)


T = TypeVar("T")

INCREMENT_MEMBERS = 3
JSON_TYPE = "application/json"


class IncrementBody(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /scores/increment; `action_token` None where it is missing."""

    user_id: str
    delta: int
    action_token: str | None = None


class GrantBody(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /actions."""

    user_id: str
    action: str
    delta: int
    board: str | None = None


# A UnicodeDecodeError is no DecodeError.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_decode_increment = msgspec.json.Decoder(IncrementBody, strict=True).decode
_decode_grant = msgspec.json.Decoder(GrantBody, strict=True).decode


async def read_body(request: web.Request, max_bytes: int, timeout_s: float) -> bytes:
    """The whole body, at most `max_bytes`. Raises the Refusal that names what is wrong."""
    if request.headers.getall("Content-Encoding", None):
        raise UnsupportedEncoding
    if request.content_length is not None and request.content_length > max_bytes:
        raise PayloadTooLarge
    _check_content_type(request)
    if not request.body_exists:
        return b""
    try:
        if request.content.is_eof():  # it came with its head, as most do
            return _limited(request.content.read_nowait(), max_bytes)
        async with asyncio.timeout(timeout_s):
            return await _read_limited(request, max_bytes)
    except TimeoutError:
        raise InvalidPayload.at("", f"The body did not arrive within {timeout_s:g} s.") from None
    except ConnectionError:  # nobody reads this answer, but the attempt gets its name
        raise InvalidPayload.at("", "The connection ended within the body.") from None


async def _read_limited(request: web.Request, max_bytes: int) -> bytes:
    body = b""
    async for chunk in request.content.iter_any():
        body = _limited(body + chunk, max_bytes)
    return body


def _limited(body: bytes, max_bytes: int) -> bytes:
    if len(body) > max_bytes:
        raise PayloadTooLarge
    return body


def _check_content_type(request: web.Request) -> None:
    values = request.headers.getall("Content-Type", [])
    if values == [JSON_TYPE]:
        return
    accepted = len(values) == 1 and request.content_type == JSON_TYPE
    if not accepted or (request.charset or "utf-8").lower() != "utf-8":
        raise InvalidPayload.in_header("Content-Type", "Must be application/json in UTF-8, once.")


def parse_increment(body: bytes) -> tuple[UserId, int, str]:
    """(user, delta, action token) of POST /scores/increment; the token empty where missing."""
    try:
        parsed = _decode_increment(body)
    except _UNREADABLE as error:
        _refuse(error)
    user_id = parse_user(parsed.user_id)
    delta = parse_delta(parsed.delta)
    token = parsed.action_token or ""
    # Three known members and no colon inside their values: a fourth colon is a member twice.
    if body.count(b":") != INCREMENT_MEMBERS or not _TOKEN.fullmatch(token):
        _refuse_duplicates(body)
    return user_id, delta, token


def require_action_token(token: str) -> str:
    """The token, where there is one. Raises ActionTokenMissing."""
    if not token:
        raise ActionTokenMissing
    return token


def parse_grant(body: bytes) -> tuple[UserId, str, int, BoardId | None]:
    """(user, action, delta, board) of POST /actions; board None where it is not named."""
    parsed = decode_strictly(_decode_grant, body)
    user_id = parse_user(parsed.user_id)
    if not is_action_name(parsed.action):
        raise InvalidPayload.at(
            "/action", "Must be 1 to 64 characters of a-z, 0-9, `_`, `.`, `:` and `-`."
        )
    delta = parse_delta(parsed.delta)
    board_id = None if parsed.board is None else _board_id(parsed.board)
    return user_id, parsed.action, delta, board_id


def decode_strictly(decode: Callable[[bytes], T], body: bytes) -> T:
    """What the decoder makes of the body, in which no member may stand twice."""
    try:
        parsed = decode(body)
    except _UNREADABLE as error:
        _refuse(error)
    _refuse_duplicates(body)
    return parsed


def parse_user(text: str) -> UserId:
    """The member `userId`."""
    user_id = parse_user_id(text)
    if user_id is None:
        raise InvalidPayload.at("/userId", "Must be a UUID.")
    return user_id


def _board_id(text: str) -> BoardId:
    board_id = parse_board_id(text)
    if board_id is None:
        raise InvalidPayload.at("/board", "Must be 1 to 64 characters of a-z, 0-9, `_` and `-`.")
    return board_id


def parse_delta(delta: int) -> int:
    """The member `delta`."""
    if not 1 <= abs(delta) <= MAX_SCORE:
        raise InvalidPayload.at("/delta", "Must be a whole number other than 0, at most 2^53 − 1.")
    return delta


def _refuse(error: Exception) -> NoReturn:
    message = str(error)
    path, _, found = message.rpartition(" - at `$")
    pointer = f"/{found.rstrip('`').lstrip('.')}" if path else ""
    raise InvalidPayload.at(pointer, path or message or "The body is not JSON.") from error


def _refuse_duplicates(body: bytes) -> None:
    """Raises InvalidPayload where a member stands twice. The body has been decoded once."""
    try:
        json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InvalidPayload.at("", "The body is not JSON.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidPayload.at("", "A member stands twice.")
    return members
