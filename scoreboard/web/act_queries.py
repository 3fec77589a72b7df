"""What of the trail, or of a user's events, is asked for."""

from __future__ import annotations

import re

from aiohttp import web

from scoreboard.domain.acts import ActKind
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.identifiers import BoardId, UserId, parse_board_id, parse_user_id
from scoreboard.ledger.acts import ACT_ID_MAX, ActFilter

PAGE_USUAL = 50
PAGE_MAX = 200

_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")


def parse_page(request: web.Request) -> int:
    """`?limit=`, 1 to 200; 50 where it is not given."""
    count = _number(request, "limit", PAGE_USUAL)
    if count > PAGE_MAX:
        raise InvalidPayload.in_parameter("limit", f"Must be one number from 1 to {PAGE_MAX}.")
    return count


def parse_before(request: web.Request, highest: int) -> int:
    """`?before=`: only what has lower numbers; `highest` where it is not given."""
    return _number(request, "before", highest)


def parse_path_act(request: web.Request) -> int:
    """The act named in the path."""
    text = request.match_info["act_id"]
    if not _NUMBER.fullmatch(text):
        raise InvalidPayload.in_parameter("actId", "Must be a number from 1 on.")
    return int(text)


def parse_filter(request: web.Request) -> ActFilter:
    """`?board=&user=&actor=&kind=&before=`: each narrows what is found."""
    return ActFilter(
        below_id=parse_before(request, ACT_ID_MAX),
        board_id=_board(request),
        user_id=_user(request),
        actor=_actor(request),
        kind=_kind(request),
    )


def _one(request: web.Request, name: str) -> str | None:
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise InvalidPayload.in_parameter(name, "Must stand once.")
    return values[0] if values else None


def _number(request: web.Request, name: str, usual: int) -> int:
    text = _one(request, name)
    if text is None:
        return usual
    if not _NUMBER.fullmatch(text):
        raise InvalidPayload.in_parameter(name, "Must be a number from 1 on.")
    return int(text)


def _board(request: web.Request) -> BoardId | None:
    text = _one(request, "board")
    board_id = None if text is None else parse_board_id(text)
    if text is not None and board_id is None:
        raise InvalidPayload.in_parameter(
            "board", "Must be 1 to 64 characters of a-z, 0-9, `_` and `-`."
        )
    return board_id


def _user(request: web.Request) -> UserId | None:
    text = _one(request, "user")
    user_id = None if text is None else parse_user_id(text)
    if text is not None and user_id is None:
        raise InvalidPayload.in_parameter("user", "Must be a UUID.")
    return user_id


def _actor(request: web.Request) -> str | None:
    text = _one(request, "actor")
    if text is not None and not _SUBJECT.fullmatch(text):
        raise InvalidPayload.in_parameter("actor", "Must be the subject of a token.")
    return text


def _kind(request: web.Request) -> str | None:
    text = _one(request, "kind")
    if text is not None and text not in set(ActKind):
        raise InvalidPayload.in_parameter("kind", f"Must be one of {', '.join(ActKind)}.")
    return text
