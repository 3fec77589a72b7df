"""The bodies of POST /acts, read as strictly as all others."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.json import Decoder

from scoreboard.domain.acts import REASON_MAX, Act, ActKind, is_reason
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.identifiers import BoardId, EventId
from scoreboard.web.bodies import decode_strictly, parse_delta, parse_user

EVENT_ID_MAX = 2**53 - 1
"""Beyond it a JSON reader in JavaScript would round the id."""


class _Body(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind"):
    reason: str

    def act(self, board_id: BoardId, key: str | None) -> Act:
        """What is asked for. Raises InvalidPayload."""
        raise NotImplementedError

    @property
    def kind(self) -> ActKind:
        """Its tag."""
        return ActKind(str(self.__struct_config__.tag))


class _Adding(_Body, frozen=True):
    user_id: str
    delta: int

    def act(self, board_id: BoardId, key: str | None) -> Act:
        user_id, delta = parse_user(self.user_id), parse_delta(self.delta)
        return Act(self.kind, board_id, self.reason, user_id, delta, None, key)


class _Bonus(_Adding, frozen=True, tag=ActKind.BONUS.value):
    """Points given."""


class _Correction(_Adding, frozen=True, tag=ActKind.CORRECTION.value):
    """Points given or taken."""


class _Undoing(_Body, frozen=True):
    event_id: int

    def act(self, board_id: BoardId, key: str | None) -> Act:
        if not 1 <= self.event_id <= EVENT_ID_MAX:
            raise InvalidPayload.at("/eventId", "Must be the number of an event.")
        event_id = EventId(self.event_id)
        return Act(self.kind, board_id, self.reason, None, None, event_id, key)


class _Void(_Undoing, frozen=True, tag=ActKind.VOID.value):
    """An event undone."""


class _Restore(_Undoing, frozen=True, tag=ActKind.RESTORE.value):
    """A void undone."""


class _Suspension(_Body, frozen=True, tag=ActKind.SUSPENSION.value):
    """A user taken off the board."""

    user_id: str
    until: str | None = None

    def act(self, board_id: BoardId, key: str | None) -> Act:
        user_id = parse_user(self.user_id)
        until = None if self.until is None else _time(self.until)
        return Act(self.kind, board_id, self.reason, user_id, None, None, key, until)


class _Lift(_Body, frozen=True, tag=ActKind.LIFT.value):
    """The end of a suspension."""

    user_id: str

    def act(self, board_id: BoardId, key: str | None) -> Act:
        user_id = parse_user(self.user_id)
        return Act(self.kind, board_id, self.reason, user_id, None, None, key)


_Any = _Bonus | _Correction | _Void | _Restore | _Suspension | _Lift

_decode = Decoder(_Any, strict=True).decode


def parse_act(body: bytes, board_id: BoardId, idempotency_key: str | None) -> Act:
    """What is asked for. Raises InvalidPayload."""
    parsed = decode_strictly(_decode, body)
    if not is_reason(parsed.reason):
        raise InvalidPayload.at(
            "/reason", f"Must be 1 to {REASON_MAX} characters on one line, and say something."
        )
    act: Act = parsed.act(board_id, idempotency_key)
    return act


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidPayload.at("/until", "Must be a time with its zone: `2026-01-31T12:00:00Z`.")
