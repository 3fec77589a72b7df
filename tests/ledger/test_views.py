"""Stored views: versions that only grow, under terms that only grow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from scoreboard.domain.errors import LeaseLost
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.ledger.database import Database
from scoreboard.ledger.views import StoredView, ViewStore

VIEW = "top:10"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def views(database: Database) -> ViewStore:
    """Return the store."""
    return ViewStore(database)


async def advance(views: ViewStore, term: int, entries: bytes = b"[]") -> StoredView:
    """The next version of the view."""
    return await views.advance(MAIN_BOARD, VIEW, term, entries, NOW)


async def test_a_view_begins_with_version_one_and_goes_on_in_its_epoch(views: ViewStore) -> None:
    first = await advance(views, 1)
    second = await advance(views, 1)
    assert (first.version, second.version) == (1, 2)
    assert first.epoch == second.epoch != ""


async def test_a_new_term_goes_on_where_the_old_one_ended(views: ViewStore) -> None:
    first = await advance(views, 1)
    second = await advance(views, 2)
    assert (second.term, second.version, second.epoch) == (2, 2, first.epoch)


async def test_a_lower_term_is_refused_and_changes_nothing(views: ViewStore) -> None:
    stored = await advance(views, 7, b"[1]")
    with pytest.raises(LeaseLost):
        await advance(views, 6, b"[2]")
    assert await views.read(MAIN_BOARD, VIEW) == stored


async def test_what_is_read_is_what_was_stored(views: ViewStore) -> None:
    assert await views.read(MAIN_BOARD, VIEW) is None
    stored = await advance(views, 3, b'[{"rank":1}]')
    assert await views.read(MAIN_BOARD, VIEW) == stored


async def test_only_written_views_have_versions(views: ViewStore) -> None:
    await advance(views, 1)
    asked = [(MAIN_BOARD, VIEW), (MAIN_BOARD, "top:50"), (BoardId("nowhere"), VIEW)]
    assert await views.read_versions(asked) == {(MAIN_BOARD, VIEW): 1}


async def test_versions_written_at_once_are_all_different(views: ViewStore) -> None:
    found = await asyncio.gather(*(advance(views, 1) for _ in range(10)))
    assert sorted(each.version for each in found) == list(range(1, 11))
    assert len({each.epoch for each in found}) == 1
