"""Acts as the tests of the ledger make them."""

from __future__ import annotations

import pytest

from scoreboard.domain.acts import Act, ActKind, Actor, ActVerdict
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, EventId, UserId
from scoreboard.ledger.acts import ActLedger

SCOPES = frozenset({"moderator"})
MODERATOR = Actor("moderator-1", "rest", SCOPES, "a key", "192.0.2.7", "request-1")
WHY = "because <b>it</b> was so"


async def add(  # noqa: PLR0913 - what a test may name
    ledger: ActLedger,
    user_id: UserId,
    delta: int,
    kind: ActKind = ActKind.BONUS,
    *,
    board_id: BoardId = MAIN_BOARD,
    key: str | None = None,
    actor: Actor = MODERATOR,
) -> ActVerdict:
    """Points given or taken."""
    return await ledger.apply(Act(kind, board_id, WHY, user_id, delta, None, key), actor)


async def undo(
    ledger: ActLedger,
    kind: ActKind,
    event_id: int | None,
    *,
    board_id: BoardId = MAIN_BOARD,
    key: str | None = None,
) -> ActVerdict:
    """A void, or its restore."""
    if event_id is None:
        pytest.fail("there is no event to undo")
    act = Act(kind, board_id, WHY, None, None, EventId(event_id), key)
    return await ledger.apply(act, MODERATOR)
