"""Following a view, against real instances in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from cli.follow import Follower, view_of
from cli.output import CommandFailed
from scoreboard.domain.frames import Snapshot
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard

VIEW = "top:10"


class Seen:
    """What a follower was shown."""

    def __init__(self) -> None:
        self.snapshots: asyncio.Queue[Snapshot] = asyncio.Queue()
        self.interruptions: list[str] = []

    def interrupt(self, reason: str, pause_s: float) -> None:
        """Notes why; the pause is always short."""
        assert 0 < pause_s <= 5
        self.interruptions.append(reason)

    async def until_scores(self, *scores: int) -> None:
        """Returns once the list shows these scores."""
        async with asyncio.timeout(20):
            while tuple(each.score for each in (await self.snapshots.get()).entries) != scores:
                pass


@asynccontextmanager
async def following(url: str) -> AsyncIterator[Seen]:
    """A follower that runs while the context lasts."""
    seen = Seen()
    async with aiohttp.ClientSession() as session:
        follower = Follower(session, url, seen.snapshots.put_nowait, seen.interrupt)
        task = asyncio.create_task(follower.run(MAIN_BOARD, VIEW))
        try:
            yield seen
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_each_change_is_shown(scoreboard: Scoreboard) -> None:
    async with following(scoreboard.url) as seen:
        await scoreboard.increment(new_user(), 5)
        await seen.until_scores(5)
        await scoreboard.increment(new_user(), 7)
        await seen.until_scores(7, 5)


async def test_a_follower_comes_back_after_a_restart(backends: Backends) -> None:
    async with AsyncExitStack() as stack:
        async with run_scoreboard(backends) as first:
            port = int(first.url.rpartition(":")[2])
            seen = await stack.enter_async_context(following(first.url))
            await first.increment(new_user(), 5)
            await seen.until_scores(5)
        async with run_scoreboard(backends, port=port) as second:
            await second.increment(new_user(), 7)
            await seen.until_scores(7, 5)
    assert seen.interruptions


async def test_a_board_that_is_not_there_ends_the_following(scoreboard: Scoreboard) -> None:
    seen = Seen()
    follower = Follower(
        scoreboard.session, scoreboard.url, seen.snapshots.put_nowait, seen.interrupt
    )
    with pytest.raises(CommandFailed, match="no such board"):
        await follower.run(BoardId("nowhere"), VIEW)


def test_the_smallest_view_that_suffices_is_followed() -> None:
    assert [view_of(limit) for limit in (1, 10, 11, 50)] == [VIEW, VIEW, "top:50", "top:50"]
