"""The bodies of POST /acts, read as strictly as all others."""

from __future__ import annotations

from msgspec import Struct
from msgspec.json import Decoder

from scoreboard.domain.acts import REASON_MAX, Act, ActKind, is_reason
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.web.bodies import decode_strictly, parse_delta, parse_user

EVENT_ID_MAX = 2**53 - 1
"""Beyond it a JSON reader in JavaScript would round the id."""


class _Body(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="kind"):
    reason: str

    def subject(self) -> tuple[UserId | None, int | None, EventId | None]:
        """User, delta and event, as far as an act of this kind names them."""
        raise NotImplementedError


class _Adding(_Body, frozen=True):
    user_id: str
    delta: int

    def subject(self) -> tuple[UserId | None, int | None, EventId | None]:
        return parse_user(self.user_id), parse_delta(self.delta), None


class _Bonus(_Adding, frozen=True, tag=ActKind.BONUS.value):
    """Points given."""


class _Correction(_Adding, frozen=True, tag=ActKind.CORRECTION.value):
    """Points given or taken."""


class _Undoing(_Body, frozen=True):
    event_id: int

    def subject(self) -> tuple[UserId | None, int | None, EventId | None]:
        if not 1 <= self.event_id <= EVENT_ID_MAX:
            raise InvalidPayload.at("/eventId", "Must be the number of an event.")
        return None, None, EventId(self.event_id)


class _Void(_Undoing, frozen=True, tag=ActKind.VOID.value):
    """An event undone."""


class _Restore(_Undoing, frozen=True, tag=ActKind.RESTORE.value):
    """A void undone."""


_decode = Decoder(_Bonus | _Correction | _Void | _Restore, strict=True).decode


def parse_act(body: bytes, board_id: BoardId, idempotency_key: str | None) -> Act:
    """What is asked for. Raises InvalidPayload."""
    parsed = decode_strictly(_decode, body)
    if not is_reason(parsed.reason):
        raise InvalidPayload.at(
            "/reason", f"Must be 1 to {REASON_MAX} characters on one line, and say something."
        )
    user_id, delta, event_id = parsed.subject()
    kind = ActKind(str(parsed.__struct_config__.tag))
    return Act(kind, board_id, parsed.reason, user_id, delta, event_id, idempotency_key)
