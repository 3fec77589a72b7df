"""The bodies of POST /acts, read as strictly as all others."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.json import Decoder

from scoreboard.domain.acts import REASON_MAX, Act, ActKind, is_reason
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.identifiers import BoardId, EventId
from scoreboard.domain.windows import ManyAct
from scoreboard.web.bodies import decode_strictly, parse_delta, parse_user
from scoreboard.web.window_bodies import (
    EVENT_ID_MAX,
    WindowBody,
    parse_confirm,
    parse_time,
    parse_voided,
)


class _Body(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind"):
    reason: str

    def act(self, board_id: BoardId, key: str | None) -> Act | ManyAct:
        """What is asked for. Raises InvalidPayload."""
        raise NotImplementedError

    def about_event(
        self, board_id: BoardId, event_id: int | None, confirm: int | None, key: str | None
    ) -> Act:
        """The act about one event. Raises InvalidPayload."""
        if event_id is None or not 1 <= event_id <= EVENT_ID_MAX:
            raise InvalidPayload.at("/eventId", "Must be the number of an event.")
        if confirm is not None:
            raise InvalidPayload.at("/confirm", "Goes with acts about many events.")
        return Act(self.kind, board_id, self.reason, None, None, EventId(event_id), key)

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


class _Void(_Body, frozen=True, tag=ActKind.VOID.value):
    """An event undone, or all of a window."""

    event_id: int | None = None
    window: WindowBody | None = None
    confirm: int | None = None

    def act(self, board_id: BoardId, key: str | None) -> Act | ManyAct:
        if (self.event_id is None) == (self.window is None):
            raise InvalidPayload.at("", "Name either `eventId` or `window`.")
        if self.window is not None:
            confirm = parse_confirm(self.confirm)
            return ManyAct(self.window.extent(board_id), self.reason, confirm, key)
        return self.about_event(board_id, self.event_id, self.confirm, key)


class _Restore(_Body, frozen=True, tag=ActKind.RESTORE.value):
    """A void undone, or all that an act has voided."""

    event_id: int | None = None
    act_id: int | None = None
    confirm: int | None = None

    def act(self, board_id: BoardId, key: str | None) -> Act | ManyAct:
        if (self.event_id is None) == (self.act_id is None):
            raise InvalidPayload.at("", "Name either `eventId` or `actId`.")
        if self.act_id is not None:
            extent = parse_voided(board_id, self.act_id)
            return ManyAct(extent, self.reason, parse_confirm(self.confirm), key)
        return self.about_event(board_id, self.event_id, self.confirm, key)


class _Suspension(_Body, frozen=True, tag=ActKind.SUSPENSION.value):
    """A user taken off the board."""

    user_id: str
    until: str | None = None

    def act(self, board_id: BoardId, key: str | None) -> Act:
        user_id = parse_user(self.user_id)
        until = None if self.until is None else parse_time(self.until, "/until")
        if until is not None and until <= datetime.now(UTC):
            raise InvalidPayload.at("/until", "Must lie in the future; `lift` ends a suspension.")
        return Act(self.kind, board_id, self.reason, user_id, None, None, key, until)


class _Lift(_Body, frozen=True, tag=ActKind.LIFT.value):
    """The end of a suspension."""

    user_id: str

    def act(self, board_id: BoardId, key: str | None) -> Act:
        user_id = parse_user(self.user_id)
        return Act(self.kind, board_id, self.reason, user_id, None, None, key)


_Any = _Bonus | _Correction | _Void | _Restore | _Suspension | _Lift

_decode = Decoder(_Any, strict=True).decode


def parse_act(body: bytes, board_id: BoardId, idempotency_key: str | None) -> Act | ManyAct:
    """What is asked for. Raises InvalidPayload."""
    parsed = decode_strictly(_decode, body)
    if not is_reason(parsed.reason):
        raise InvalidPayload.at(
            "/reason", f"Must be 1 to {REASON_MAX} characters on one line, and say something."
        )
    act: Act | ManyAct = parsed.act(board_id, idempotency_key)
    return act
