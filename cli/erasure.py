"""Erasures: begun at once, and carried out here or by the service."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime

from msgspec import Struct

from cli.actor import local_actor
from cli.environment import read_database_settings
from cli.output import print_error, print_json, print_line
from cli.progress import progress
from cli.signals import run_work
from scoreboard.domain.acts import ActKind
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.times import iso_utc
from scoreboard.ledger.erasures import Begun, Erased, Erasures, carry_out
from scoreboard.ledger.session import open_session
from scoreboard.moderation.personal_data import check_is_held, wait_of

LOOK_S = 0.5


class Erasing(Struct, frozen=True, rename="camel"):
    """How far it has come; None for counts that somebody else knows, or that are still to come."""

    act_id: int
    due_at: datetime
    is_erased: bool
    events: int | None = None
    acts: int | None = None
    boards: int | None = None


def erase_user(user_id: UserId, reason: str, *, wait: bool, as_json: bool) -> None:
    """Begins it or goes on with it, and tells how far it has come."""
    try:
        state = run_work(_erase(user_id, reason, wait=wait))
    except KeyboardInterrupt:
        print_error("What was begun the service ends; the same command goes on with it, too.")
        raise
    if as_json:
        print_json(state)
    elif not state.is_erased:
        print_line(
            f"act {state.act_id}: the user is off every board. His id is erased from "
            f"{iso_utc(state.due_at)} on, when his action tokens have run out."
        )
    elif state.events is None:
        print_line(f"act {state.act_id}: the user is erased, by the service.")
    else:
        print_line(
            f"act {state.act_id}: the user is erased, in {state.events:,} events and "
            f"{state.acts:,} acts, on {state.boards:,} boards."
        )


async def _erase(user_id: UserId, reason: str, *, wait: bool) -> Erasing:
    settings = read_database_settings()
    async with open_session(settings.database_url, "users") as session:
        await check_is_held(session, ActKind.ERASURE, user_id, local_actor())
        erasures = Erasures(session.fetch)
        begun = await erasures.begin(user_id, wait_of(settings), reason, local_actor())
        left_s = await erasures.wait_s(begun.act_id)
        if left_s and not wait:
            return Erasing(begun.act_id, begun.due_at, is_erased=False)
        await _outlast(left_s or 0)
        return await _carry_out(erasures, begun, settings.database_url)


async def _outlast(wait_s: float) -> None:
    whole_s = math.ceil(wait_s)
    with progress("waiting for his tokens", whole_s, "s") as advance:
        for _ in range(whole_s):
            await asyncio.sleep(1)
            advance(1)


async def _carry_out(erasures: Erasures, begun: Begun, database_url: str) -> Erasing:
    """Here, unless the service is at it already: then it is waited for."""
    while await erasures.wait_s(begun.act_id) is not None:
        with progress("looking through events", None, "MB") as advance:
            erased: Erased | None = await carry_out(database_url, begun.act_id, advance)
        if erased is not None:
            counts = (erased.events, erased.acts, erased.boards)
            return Erasing(begun.act_id, begun.due_at, True, *counts)
        await asyncio.sleep(LOOK_S)
    return Erasing(begun.act_id, begun.due_at, is_erased=True)
