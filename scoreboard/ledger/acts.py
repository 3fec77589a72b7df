"""Acts of moderation in the ledger: applied, recorded, and read again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from scoreboard.domain.acts import Act, Actor, ActVerdict, RecordedAct
from scoreboard.domain.errors import StorageUnavailable
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.ledger.database import Row
from scoreboard.ledger.statements import load_query
from scoreboard.ledger.user_events import UserEvents, read_user_events

APPLY = "SELECT * FROM apply_act_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
ATTEMPTS = 3
PAUSE_S = 0.02

ACT_ID_MAX = 2**63 - 1

LOOKED_AT_MAX = 20_000
"""Acts that one page of the trail looks through: about 20 ms."""

Write = Callable[..., Awaitable[list[Row]]]
"""Runs one statement: the pool's `write`, or the `fetch` of an operator's session."""


# By a deadlock, or because another act used the key at the same moment.
_ROLLED_BACK = (asyncpg.TransactionRollbackError, asyncpg.UniqueViolationError)


class ActFilter(Struct, frozen=True):
    """Which acts: None admits every one."""

    below_id: int = ACT_ID_MAX
    board_id: BoardId | None = None
    user_id: UserId | None = None
    actor: str | None = None
    kind: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_picky(self) -> bool:
        """Whether it may pass over acts of the user or actor that it names."""
        names_both = self.user_id is not None and self.actor is not None
        others = (self.board_id, self.kind, self.outcome, self.since, self.until)
        return names_both or any(each is not None for each in others)


class ActPage(Struct, frozen=True):
    """Acts, newest first. `following` is below which id to go on; None where nothing is left."""

    acts: list[RecordedAct]
    following: int | None


class ActLedger:
    """Every method raises what its connection does: see `Database.write` and `open_session`."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._record = load_query("record_act")
        self._find = load_query("find_acts")

    async def apply(self, act: Act, actor: Actor) -> ActVerdict:
        """Applies and records it; durable when this returns, refused or not."""
        arguments = (
            act.kind,
            act.board_id,
            act.user_id,
            act.delta,
            act.event_id,
            act.until,
            act.reason,
            actor.subject,
            sorted(actor.scopes),
            actor.kid,
            actor.origin,
            actor.client_address,
            actor.request_id,
            act.idempotency_key,
        )
        (row,) = await self._write_patiently(APPLY, *arguments)
        outcome, is_repeated, act_id, event_id, user_id, *figures = row
        known = None if user_id is None else UserId(str(user_id))
        return ActVerdict(outcome, is_repeated, act_id, event_id, known, *figures)

    async def record(  # noqa: PLR0913 - the columns of one line
        self,
        kind: str,
        actor: Actor,
        *,
        outcome: str,
        board_id: BoardId | None = None,
        user_id: UserId | None = None,
        parameters: dict[str, int | str | None] | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> int:
        """Records what was refused before the ledger judged it, or a read; the id of the act."""
        (row,) = await self._write(
            self._record,
            kind,
            outcome,
            board_id,
            user_id,
            msgspec.json.encode(parameters or {}).decode(),
            reason,
            actor.subject,
            sorted(actor.scopes),
            actor.kid,
            actor.origin,
            actor.client_address,
            actor.request_id,
            idempotency_key,
        )
        act_id: int = row["act_id"]
        return act_id

    async def find(self, wanted: ActFilter, limit: int) -> list[RecordedAct]:
        """The newest acts of that kind, newest first, however many pages they take."""
        found: list[RecordedAct] = []
        below_id: int | None = wanted.below_id
        while below_id is not None and len(found) < limit:
            page = await self.find_page(replace(wanted, below_id=below_id), limit - len(found))
            found += page.acts
            below_id = page.following
        return found

    async def find_page(self, wanted: ActFilter, limit: int) -> ActPage:
        """At most `limit`, and perhaps none though more follow: each page looks through so many
        only, of the user's or else the actor's where one is named.
        """
        rows = await self._write(
            self._find,
            limit,
            wanted.below_id,
            wanted.board_id,
            wanted.user_id,
            wanted.actor,
            wanted.kind,
            wanted.outcome,
            wanted.since,
            wanted.until,
            LOOKED_AT_MAX if wanted.is_picky else min(limit, LOOKED_AT_MAX),
        )
        acts = [_recorded(row) for row in rows if row["act_id"] is not None]
        return ActPage(acts, acts[-1].act_id if len(acts) == limit else rows[0]["lowest"])

    async def read_user_events(
        self, board_id: BoardId, user_id: UserId, below_id: int, limit: int
    ) -> UserEvents:
        """A page of what acts may be about: see `user_events`."""
        return await read_user_events(self._write, board_id, user_id, below_id, limit)

    async def _write_patiently(self, statement: str, *arguments: object) -> list[Row]:
        """Repeats what was rolled back for the sake of others, and so certainly not applied."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._write(statement, *arguments)
            except (*_ROLLED_BACK, StorageUnavailable) as error:
                cause = error.__cause__ if isinstance(error, StorageUnavailable) else error
                if not isinstance(cause, _ROLLED_BACK) or attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(PAUSE_S * attempt)
        raise AssertionError("the last attempt returns or raises")


def read_act(text: str) -> RecordedAct:
    """An act from PostgreSQL's own JSON of its row."""
    return _as_act(msgspec.json.decode(text))


def write_act(act: RecordedAct) -> str:
    """The same the other way round."""
    return msgspec.json.encode(asdict(act)).decode()


def _recorded(row: Row) -> RecordedAct:
    known = {name: row[name] for name in RecordedAct.__struct_fields__}
    return _as_act({**known, "parameters": msgspec.json.decode(row["parameters"])})


def _as_act(values: dict[str, Any]) -> RecordedAct:
    return RecordedAct(
        **{**values, "created_at": msgspec.convert(values["created_at"], datetime)},
    )
