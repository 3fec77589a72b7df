"""An instance that serves a second board, which has limits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from scoreboard.domain.identifiers import BoardId
from tests.harness import Backends, Scoreboard, run_scoreboard
from tests.web.support import query

ARENA_LIMITS = (
    "INSERT INTO boards (board_id, max_delta, min_score, max_score, allowed_actions) "
    "VALUES ($1, 50, -20, 20, '{win}')"
)


@pytest.fixture
async def arena(backends: Backends) -> BoardId:
    """Return a board with scores of -20 to 20 that knows one action, worth at most 50."""
    # Made before an instance starts: one that runs looks for new boards once a second.
    await query(backends.database_url, ARENA_LIMITS, "arena")
    return BoardId("arena")


@pytest.fixture
async def scoreboard(backends: Backends, arena: BoardId) -> AsyncIterator[Scoreboard]:
    """Return a running instance that knows the arena."""
    assert arena
    async with run_scoreboard(backends) as running:
        yield running
