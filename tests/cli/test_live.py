"""Live boards of commands, against real instances in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from cli.live import describe, follow, view_of
from cli.output import CommandFailed
from cli.screen import TopList
from scoreboard.client import Interruption, LiveState
from scoreboard.domain.identifiers import MAIN_BOARD
from tests.client.frames import snapshot
from tests.client.scripted import Peer, script
from tests.gateway.service import until
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard

VIEW = "top:10"


class Seen:
    """What a follower was shown."""

    def __init__(self) -> None:
        self.states: asyncio.Queue[LiveState] = asyncio.Queue()
        self.interruptions: list[str] = []

    def interrupt(self, reason: str, pause_s: float) -> None:
        """Notes why; the pause is always short."""
        assert 0 <= pause_s <= 5
        self.interruptions.append(reason)

    async def until_scores(self, *scores: int) -> None:
        """Returns once the list shows these scores."""
        async with asyncio.timeout(20):
            while tuple(each.score for each in (await self.states.get()).entries) != scores:
                pass


@asynccontextmanager
async def following(url: str) -> AsyncIterator[Seen]:
    """A follower that runs while the context lasts."""
    seen = Seen()
    async with aiohttp.ClientSession() as session:
        run = follow(session, url, MAIN_BOARD, VIEW, seen.states.put_nowait, seen.interrupt)
        task = asyncio.create_task(run)
        try:
            yield seen
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def failure(url: str, board: str = MAIN_BOARD) -> str:
    """What a follower says at its end."""
    seen = Seen()
    async with aiohttp.ClientSession() as session, asyncio.timeout(20):
        with pytest.raises(CommandFailed) as failed:
            await follow(session, url, board, VIEW, seen.states.put_nowait, seen.interrupt)
    return str(failed.value)


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


async def test_the_notice_of_an_interruption_goes_once_the_connection_is_back() -> None:
    shown = TopList(1)
    async with script() as server, aiohttp.ClientSession() as session:
        run = follow(session, server.url, MAIN_BOARD, VIEW, shown.show, shown.interrupt)
        task = asyncio.create_task(run)
        peer = await server.peer()
        await peer.say(**snapshot(1))
        await until(lambda: shown.notice == "")
        peer.cut()
        await until(lambda: "trying again" in shown.notice)
        await server.peer()
        await until(lambda: shown.notice == "")
        task.cancel()
        await asyncio.wait([task])


async def test_a_board_that_is_not_there_ends_the_following(scoreboard: Scoreboard) -> None:
    said = await failure(scoreboard.url, "nowhere")
    assert said == f"{scoreboard.url} shows no such board: it answered 404."


async def close(peer: Peer) -> None:
    """A final end."""
    await peer.close(4501)


async def talk(peer: Peer) -> None:
    """What no scoreboard says."""
    await peer.say_text("hello")


async def refuse(peer: Peer) -> None:
    """The board is gone."""
    await peer.say(type="error", code="not_found", view=VIEW)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (close, "The service ended the connection for good, with code 4501."),
        (talk, "{url} is no scoreboard: it sends no JSON."),
        (refuse, "{url} shows no such board: it answered not_found."),
    ],
)
async def test_a_final_end_is_told_in_one_sentence(
    act: Callable[[Peer], Awaitable[None]], sentence: str
) -> None:
    async with script() as server:
        ending = asyncio.create_task(failure(server.url))
        await act(await server.peer())
        assert await ending == sentence.format(url=server.url)


@pytest.mark.parametrize(
    ("interruption", "told"),
    [
        (Interruption("closed", 1.0, close_code=4001), "URL has ended the connection"),
        (Interruption("silent", 1.0), "URL has fallen silent"),
        (Interruption("unreachable", 1.0), "URL cannot be reached"),
        (Interruption("refused", 1.0, status=503), "URL refuses connections with 503"),
    ],
)
def test_an_interruption_is_told_in_half_a_sentence(interruption: Interruption, told: str) -> None:
    assert describe("URL", interruption) == told


def test_the_smallest_view_that_suffices_is_followed() -> None:
    assert [view_of(limit) for limit in (1, 10, 11, 50)] == [VIEW, VIEW, "top:50", "top:50"]
