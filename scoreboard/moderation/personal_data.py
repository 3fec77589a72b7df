"""What is held of a user: handed out, and erased. Both by administrators alone, and recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from scoreboard.auth.policy import require_admin
from scoreboard.domain.acts import APPLIED, ActKind, Actor
from scoreboard.domain.errors import (
    ConfigurationError,
    NotFound,
    Refusal,
    StorageUnavailable,
    UserErased,
)
from scoreboard.domain.identifiers import UserId, is_tombstone
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.erasures import Begun, Erasures
from scoreboard.ledger.held import OnSlice, read_held
from scoreboard.ledger.session import Session, open_session
from scoreboard.settings import Settings

SESSIONS_MAX = 2
"""Exports and beginnings of erasures at once: each may look through all events."""


class PersonalData:
    """Works over sessions of its own, since no request's time is enough for all events. Every
    method raises StorageUnavailable where PostgreSQL cannot answer.
    """

    def __init__(self, ledger: ActLedger, settings: Settings) -> None:
        self._ledger = ledger
        self._settings = settings
        self._room = asyncio.Semaphore(SESSIONS_MAX)

    async def erase(self, user_id: UserId, reason: str, actor: Actor) -> Begun:
        """Takes him off every board; the relay's leader does the rest once it is due. Raises
        InsufficientScope, NotFound where nothing is held, and UserErased for a tombstone.
        """
        await self._check_scope(ActKind.ERASURE, user_id, actor, reason)
        async with self._session() as session:
            await check_is_held(session, ActKind.ERASURE, user_id, actor)
            wait_s = wait_of(self._settings)
            return await Erasures(session.fetch).begin(user_id, wait_s, reason, actor)

    @asynccontextmanager
    async def export(
        self, user_id: UserId, actor: Actor
    ) -> AsyncIterator[AsyncGenerator[str, None]]:
        """Pieces of all that is held of him: see `read_held`. Raises as `erase` does."""
        await self._check_scope(ActKind.EXPORT, user_id, actor, None)
        async with (
            self._session() as session,
            recorded_export(session, user_id, actor) as pieces,
        ):
            yield pieces

    async def _check_scope(
        self, kind: ActKind, user_id: UserId, actor: Actor, reason: str | None
    ) -> None:
        try:
            require_admin(actor.scopes)
        except Refusal as refusal:
            await self._ledger.record(
                kind, actor, outcome=refusal.code, user_id=user_id, reason=reason
            )
            raise

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        try:
            async with self._room, open_session(self._settings.database_url, "users") as session:
                yield session
        except (StorageUnavailable, ConfigurationError) as error:
            raise StorageUnavailable from error  # whose own sentence is for operators


def wait_of(settings: Settings) -> float:
    """How long action tokens may live on: an erasure waits for that."""
    return settings.action_life_max_s + settings.clock_leeway_s


async def check_is_held(session: Session, kind: ActKind, user_id: UserId, actor: Actor) -> None:
    """Raises NotFound for a user of whom nothing is held, and UserErased for a tombstone. The
    record of it does not name him: then something would be held.
    """
    if await Erasures(session.fetch).knows(user_id):
        if is_tombstone(user_id):
            raise UserErased
        return
    await ActLedger(session.fetch).record(kind, actor, outcome=NotFound.code)
    raise NotFound(f"Nothing is held of user {user_id}.")


@asynccontextmanager
async def recorded_export(
    session: Session, user_id: UserId, actor: Actor, on_slice: OnSlice = lambda _: None
) -> AsyncIterator[AsyncGenerator[str, None]]:
    """Records that it was asked for, then reads. Raises as `check_is_held` does."""
    await check_is_held(session, ActKind.EXPORT, user_id, actor)
    ledger = ActLedger(session.fetch)
    await ledger.record(ActKind.EXPORT, actor, outcome=APPLIED, user_id=user_id)
    async with aclosing(read_held(session, user_id, on_slice)) as pieces:
        yield pieces
