"""Which events an act about many is about, in the bodies of POST /acts and /acts/preview."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.json import Decoder

from scoreboard.domain.acts import ActKind
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.identifiers import BoardId, is_action_name, parse_user_id
from scoreboard.domain.windows import Extent, VoidedBy, Window
from scoreboard.web.bodies import decode_strictly

EVENT_ID_MAX = 2**53 - 1
"""Beyond it a JSON reader in JavaScript would round the id."""

_KID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class WindowBody(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The sides of a window; without any it is all that the board has seen."""

    user_id: str | None = None
    action: str | None = None
    kid: str | None = None
    since: str | None = field(name="from", default=None)
    until: str | None = field(name="to", default=None)
    below_id: int | None = None

    def extent(self, board_id: BoardId) -> Window:
        """The window. Raises InvalidPayload."""
        since = None if self.since is None else parse_time(self.since, "/window/from")
        until = None if self.until is None else parse_time(self.until, "/window/to")
        if since is not None and until is not None and since > until:
            raise InvalidPayload.at("/window/from", "Must not lie behind `to`.")
        user_id = None if self.user_id is None else parse_user_id(self.user_id)
        if self.user_id is not None and user_id is None:
            raise InvalidPayload.at("/window/userId", "Must be a UUID.")
        if self.action is not None and not is_action_name(self.action):
            raise InvalidPayload.at("/window/action", "Must be the name of an action.")
        if self.kid is not None and not _KID.fullmatch(self.kid):
            raise InvalidPayload.at("/window/kid", "Must be the name of a key.")
        last_id = None if self.below_id is None else _number(self.below_id, "/window/belowId") - 1
        return Window(board_id, 1, last_id, since, until, user_id, self.action, self.kid)


class _Void(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="void"):
    window: WindowBody

    def extent(self, board_id: BoardId) -> Extent:
        return self.window.extent(board_id)


class _Restore(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename="camel",
    tag_field="kind",
    tag=ActKind.RESTORE.value,
):
    act_id: int

    def extent(self, board_id: BoardId) -> Extent:
        return parse_voided(board_id, self.act_id)


_decode = Decoder(_Void | _Restore, strict=True).decode


def parse_preview(body: bytes, board_id: BoardId) -> Extent:
    """What is to be looked at. Raises InvalidPayload."""
    extent: Extent = decode_strictly(_decode, body).extent(board_id)
    return extent


def parse_voided(board_id: BoardId, act_id: int) -> VoidedBy:
    """The member `actId`: what that act has voided. Raises InvalidPayload."""
    return VoidedBy(board_id, _number(act_id, "/actId"))


def parse_confirm(confirm: int | None) -> int | None:
    """The member `confirm`, where it is given. Raises InvalidPayload."""
    return None if confirm is None else _number(confirm, "/confirm")


def parse_time(text: str, pointer: str) -> datetime:
    """A time with its zone, in UTC. Raises InvalidPayload."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidPayload.at(pointer, "Must be a time with its zone: `2026-01-31T12:00:00Z`.")


def _number(value: int, pointer: str) -> int:
    if not 1 <= value <= EVENT_ID_MAX:
        raise InvalidPayload.at(pointer, "Must be a number from 1 on.")
    return value
