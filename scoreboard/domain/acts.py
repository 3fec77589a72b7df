"""Acts of moderation: what a person does to scores, why, and what became of it."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.domain.times import iso_utc

REASON_MAX = 500

# No control characters: PostgreSQL stores no NUL, and a line of the trail is one line.
_REASON = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,500}")
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)

APPLIED = "applied"
"""The outcome of an act that took place; every other is the code of a refusal."""


class ActKind(StrEnum):
    """What was done. Previews and reads, which are of personal data, change nothing."""

    BONUS = "bonus"
    CORRECTION = "correction"
    VOID = "void"
    RESTORE = "restore"
    SUSPENSION = "suspension"
    LIFT = "lift"
    ERASURE = "erasure"
    EXPORT = "export"
    PREVIEW = "preview"
    READ_ACTS = "read_acts"
    READ_EVENTS = "read_events"


class Actor(Struct, frozen=True):
    """Who acts, and from where: `origin` is `rest`, `cli` or `service`.

    On the command line there is neither token nor request: no scopes, and None for the rest.
    """

    subject: str
    origin: str
    scopes: frozenset[str] = frozenset()
    kid: str | None = None
    client_address: str | None = None
    request_id: str | None = None


class Act(Struct, frozen=True):
    """What is asked for: of a user by a `delta` or `until` a time, or of one event.

    With an `idempotency_key` the same act, asked for again by the same actor, is applied once.
    """

    kind: ActKind
    board_id: BoardId
    reason: str
    user_id: UserId | None = None
    delta: int | None = None
    event_id: EventId | None = None
    idempotency_key: str | None = None
    until: datetime | None = None

    @property
    def parameters(self) -> dict[str, int | str | None]:
        """As the ledger records them."""
        if self.kind is ActKind.SUSPENSION:
            return {"until": None if self.until is None else iso_utc(self.until)}
        if self.kind is ActKind.LIFT:
            return {}
        if self.event_id is None:
            return {"delta": self.delta}
        return {"event": self.event_id}


class ActVerdict(Struct, frozen=True):
    """The ledger's answer: APPLIED with the event that the act led to, or the code of a refusal.

    `score` and `version` are those after it, or with `score_limit` the present ones. `is_repeated`
    where it had been applied before, with the same key; `updated_us` is when that was.
    """

    outcome: str
    is_repeated: bool
    act_id: int
    event_id: EventId | None
    user_id: UserId | None
    delta: int | None
    score: int | None
    version: int | None
    updated_us: int
    is_suspended: bool


class ActReceipt(Struct, frozen=True, rename="camel"):
    """What is told of an applied act. `rank` None for the suspended, or where nobody can tell."""

    act_id: int
    kind: ActKind
    board: BoardId
    user_id: UserId
    event_id: EventId
    delta: int
    score: int
    version: int
    rank: int | None
    at: str
    is_repeated: bool = field(name="repeated")


class RecordedAct(Struct, frozen=True, rename="camel"):
    """One line of the audit trail."""

    act_id: int
    kind: str
    outcome: str
    board_id: str | None = field(name="board")
    user_id: str | None
    parameters: dict[str, Any]
    reason: str | None
    actor: str
    scopes: list[str]
    kid: str | None
    origin: str
    client_address: str | None
    request_id: str | None
    idempotency_key: str | None
    event_id: int | None
    created_at: datetime


def is_idempotency_key(text: str) -> bool:
    """Whether it can make an act repeatable."""
    return _KEY.fullmatch(text) is not None


def is_reason(text: str) -> bool:
    """Whether it can be the reason of an act: 1 to 500 characters on one line, and not only spaces.

    Markup is text like any other: whoever shows a reason shows it as text.
    """
    return bool(_REASON.fullmatch(text) and text.strip())
