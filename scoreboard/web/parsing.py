"""Strict reading of addresses and header fields: exactly as documented, else refused by name."""

from __future__ import annotations

import re

from aiohttp import web
from multidict import CIMultiDictProxy

from scoreboard.domain.acts import is_idempotency_key
from scoreboard.domain.errors import InvalidPayload, NonceInvalid, NonceMissing
from scoreboard.domain.identifiers import (
    BoardId,
    Nonce,
    UserId,
    parse_board_id,
    parse_nonce,
    parse_user_id,
)
from scoreboard.domain.standings import RADIUS_MAX
from scoreboard.reads.top import TOP_MAX

TOP_USUAL = 10
RADIUS_USUAL = 5

_COUNT = re.compile(r"[0-9]{1,3}", re.ASCII)
_NO_GZIP = re.compile(r"q=0(\.0*)?", re.ASCII)
_ENTITY_TAG = re.compile(r'"([0-9]{1,16})"', re.ASCII)


def parse_path_board(request: web.Request, default: BoardId) -> BoardId:
    """The board named in the path, or the default."""
    text = request.match_info.get("board_id")
    if text is None:
        return default
    board_id = parse_board_id(text)
    if board_id is None:
        raise InvalidPayload.in_parameter(
            "boardId", "Must be 1 to 64 characters of a-z, 0-9, `_` and `-`."
        )
    return board_id


def parse_path_user(request: web.Request) -> UserId:
    """The user named in the path."""
    user_id = parse_user_id(request.match_info["user_id"])
    if user_id is None:
        raise InvalidPayload.in_parameter("userId", "Must be a UUID.")
    return user_id


def parse_limit(request: web.Request) -> int:
    """`?limit=`, 1 to 50; 10 where it is not given."""
    return _parse_count(request, "limit", TOP_USUAL, TOP_MAX)


def parse_radius(request: web.Request) -> int:
    """`?radius=`, 1 to 25; 5 where it is not given."""
    return _parse_count(request, "radius", RADIUS_USUAL, RADIUS_MAX)


def _parse_count(request: web.Request, name: str, usual: int, highest: int) -> int:
    if not request.query_string:
        return usual
    values = request.query.getall(name, [str(usual)])
    text = values[0] if len(values) == 1 else ""
    count = int(text) if _COUNT.fullmatch(text) else 0
    if not 1 <= count <= highest:
        raise InvalidPayload.in_parameter(name, f"Must be one number from 1 to {highest}.")
    return count


def parse_nonce_header(headers: CIMultiDictProxy[str]) -> Nonce:
    """X-Action-Nonce."""
    values = headers.getall("X-Action-Nonce", [])
    if not values:
        raise NonceMissing
    nonce = parse_nonce(values[0]) if len(values) == 1 else None
    if nonce is None:
        raise NonceInvalid
    return nonce


def parse_idempotency_key(headers: CIMultiDictProxy[str]) -> str | None:
    """Idempotency-Key; None where there is none."""
    values = headers.getall("Idempotency-Key", [])
    if not values:
        return None
    if len(values) > 1 or not is_idempotency_key(values[0]):
        raise InvalidPayload.in_header(
            "Idempotency-Key", "Must be 1 to 128 characters of A-Z, a-z, 0-9, `_`, `.`, `:`, `-`."
        )
    return values[0]


def parse_expected_version(headers: CIMultiDictProxy[str]) -> int | None:
    """The version in If-Match; None where there is none."""
    values = headers.getall("If-Match", [])
    if not values:
        return None
    found = _ENTITY_TAG.fullmatch(values[0].strip()) if len(values) == 1 else None
    if found is None:
        raise InvalidPayload.in_header(
            "If-Match", 'Must be one version in quotes, as an ETag gave it: "7".'
        )
    return int(found[1])


def has_current(request: web.Request, digest: str) -> bool:
    """Whether the client has what `digest` names: weak If-None-Match (RFC 9110, 13.1.2)."""
    values = request.headers.getall("If-None-Match", None)
    if values is None:
        return False
    tags = ",".join(values).split(",")
    stripped = {tag.strip().removeprefix("W/") for tag in tags}
    return "*" in stripped or f'"{digest}"' in stripped


def accepts_gzip(request: web.Request) -> bool:
    """Whether Accept-Encoding names gzip, and not with weight 0 (RFC 9110, 12.5.3)."""
    for each in ",".join(request.headers.getall("Accept-Encoding", ())).split(","):
        name, _, weight = each.lower().partition(";")
        if name.strip() in {"gzip", "x-gzip"}:
            return not _NO_GZIP.fullmatch(weight.strip())
    return False
