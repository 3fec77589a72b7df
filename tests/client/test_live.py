"""Live boards over real sockets, against a server that does as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from scoreboard.client import Interruption, LiveBoard, LiveEnded, LiveState, NotAScoreboard
from scoreboard.client.conversation import Conversation
from scoreboard.client.following import Following
from tests.client.frames import USER, authenticated, delta, me, snapshot, subscribe
from tests.client.scripted import PATIENCE_S, Script, script
from tests.gateway.service import until

SOON_S = 0.05
"""Bounds the waits of these boards before they come back."""


async def next_state(live: LiveBoard) -> LiveState:
    """The next one, with patience."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(live)


async def read_on(live: LiveBoard) -> None:
    """To its end."""
    async with asyncio.timeout(PATIENCE_S):
        async for _ in live:
            pass


def board(server: Script, *views: str, **options: Any) -> LiveBoard:
    """A board that does not wait long before it comes back."""
    return LiveBoard(server.url, *(views or ("top:10",)), pause_max_s=SOON_S, **options)


async def test_each_state_is_given_to_who_iterates() -> None:
    async with script() as server, board(server) as live:
        peer = await server.peer()
        await peer.say(**snapshot(1))
        first = await next_state(live)
        await peer.say(**delta(2, 1))
        second = await next_state(live)
    assert (first.view, first.board, first.connection) == ("top:10", "main", "open")
    assert [each.version for each in (first, second)] == [1, 2]
    assert [each.entries[0].score for each in (first, second)] == [1, 2]
    assert not second.is_stale


async def test_the_address_names_the_board_and_its_top_views() -> None:
    async with script() as server, board(server, "top:10", "users", "top:50", users=[USER]):
        peer = await server.peer()
        assert list(peer.query.items()) == [
            ("board", "main"),
            ("view", "top:10"),
            ("view", "top:50"),
        ]
        assert await peer.heard() == subscribe("users", users=[USER])


async def test_a_slow_reader_gets_the_latest_state_only() -> None:
    async with script() as server, board(server, "top:10", "top:50") as live:
        peer = await server.peer()
        for version in range(1, 5):
            await peer.say(**snapshot(version))
        await peer.say(**snapshot(9, view="top:50"))
        await until(lambda: live.states()[1].is_known)
        states = [await next_state(live) for _ in range(2)]
    assert [(each.view, each.version) for each in states] == [("top:10", 4), ("top:50", 9)]


async def test_it_comes_back_after_a_lost_connection_and_goes_on_from_where_it_was() -> None:
    async with script() as server, board(server) as live:
        peer = await server.peer()
        await peer.say(**snapshot(417))
        await next_state(live)
        peer.cut()
        lost = await next_state(live)
        again = await server.peer()
        assert await again.heard() == subscribe(epoch="e", version=417)
        assert "view" not in again.query
        back = await next_state(live)
        await again.say(**delta(430, 417))
        current = await next_state(live)
    assert [each.connection for each in (lost, back, current)] == ["waiting", "open", "open"]
    assert [each.version for each in (lost, back, current)] == [417, 417, 430]


async def test_it_asks_for_what_is_missing() -> None:
    async with script() as server, board(server) as live:
        peer = await server.peer()
        await peer.say(**snapshot(5))
        await peer.say(**delta(8, 7))
        assert await peer.heard() == subscribe(epoch="e", version=5)
        await peer.say(**delta(8, 5))
        while (await next_state(live)).version != 8:
            pass


async def test_whether_what_is_shown_may_be_old_is_told() -> None:
    async with script() as server, board(server) as live:
        peer = await server.peer()
        await peer.say(**snapshot(1))
        await peer.say(type="status", stale=True)
        while not (await next_state(live)).is_stale:
            pass
        await peer.say(type="status", stale=False)
        assert not (await next_state(live)).is_stale


async def test_views_can_be_shown_and_hidden_at_any_time() -> None:
    async with script() as server, board(server) as live:
        peer = await server.peer()
        await peer.say(**snapshot(1))
        await until(lambda: live.states()[0].is_known)
        live.show("top:50", "season-1")
        assert await peer.heard() == subscribe("top:50", board="season-1")
        live.hide("top:10")
        assert await peer.heard() == {"type": "unsubscribe", "view": "top:10"}
        live.hide("top:10")
        await peer.say(**{**snapshot(3, view="top:50"), "board": "season-1"})
        assert (await next_state(live)).version == 3
        assert [each.view for each in live.states()] == ["top:50"]


async def test_leaving_the_block_ends_the_connection() -> None:
    async with script() as server:
        async with board(server):
            peer = await server.peer()
        assert await peer.heard() is None


async def test_the_token_is_sent_first_and_again_on_each_connection() -> None:
    async def give() -> str:
        return "t1"

    async with script() as server, board(server, "me", token=give) as live:
        for _ in range(2):
            peer = await server.peer()
            assert await peer.heard() == {"type": "authenticate", "token": "t1"}
            assert await peer.heard() == subscribe("me")
            await peer.say(**authenticated(600))
            peer.cut()
        peer = await server.peer()
        await peer.say(**me(7))
        while not (state := await next_state(live)).is_known:
            pass
    assert (state.shown.score, state.shown.rank, state.shown.of) == (7, 1, 1)


async def test_a_newer_token_is_sent_before_the_old_one_expires() -> None:
    tokens = iter(["t1", "t2"])

    async def give() -> str:
        return next(tokens)

    async with script() as server, board(server, "me", token=give):
        peer = await server.peer()
        heard = [await peer.heard() for _ in range(2)]
        await peer.say(**authenticated(0.2))
        heard.append(await peer.heard())
        await peer.say(**authenticated(600))
    tokens_sent = [each["token"] for each in heard if each and "token" in each]
    assert tokens_sent == ["t1", "t2"]


async def test_an_expired_token_is_replaced_and_the_same_one_ends_it() -> None:
    tokens = iter(["t1", "t2", "t2"])

    async def give() -> str:
        return next(tokens)

    async with script() as server, board(server, "me", token=give) as live:
        for token in ("t1", "t2"):
            peer = await server.peer()
            assert await peer.heard() == {"type": "authenticate", "token": token}
            await peer.close(4003)
        with pytest.raises(LiveEnded) as ended:
            await read_on(live)
    assert ended.value.close_code == 4003


def test_a_view_of_ones_own_needs_a_token() -> None:
    with pytest.raises(ValueError, match="around:3 needs a token"):
        LiveBoard("http://127.0.0.1:1", "around:3")


async def test_a_source_of_tokens_that_is_away_is_asked_again() -> None:
    gives: Iterator[Exception | str] = iter([OSError(), TimeoutError(), "t1"])

    async def give() -> str:
        given = next(gives)
        if isinstance(given, Exception):
            raise given
        return given

    async with script() as server, board(server, "me", token=give):
        peer = await server.peer()
        assert await peer.heard() == {"type": "authenticate", "token": "t1"}


async def test_what_else_a_source_of_tokens_raises_ends_it() -> None:
    async def give() -> str:
        raise LookupError

    async with script() as server, board(server, "me", token=give) as live:
        with pytest.raises(LookupError):
            await next_state(live)


async def test_a_source_that_fails_later_ends_it_too() -> None:
    tokens = ["t1"]

    async def give() -> str:
        return tokens.pop()

    async with script() as server, board(server, "me", token=give) as live:
        peer = await server.peer()
        await peer.say(**authenticated(0.1))
        with pytest.raises(IndexError):
            await next_state(live)


async def test_a_source_that_is_away_later_is_no_harm_while_the_connection_lives() -> None:
    tokens: Iterator[str | None] = iter(["t1", None])
    was_away = asyncio.Event()

    async def give() -> str:
        token = next(tokens)
        if token is None:
            was_away.set()
            raise OSError
        return token

    async with script() as server, board(server, "me", token=give) as live:
        peer = await server.peer()
        await peer.say(**authenticated(0.1))
        await asyncio.wait_for(was_away.wait(), PATIENCE_S)
        await peer.say(**me(7))
        assert (await next_state(live)).shown.score == 7


@pytest.mark.parametrize("code", [4500, 4501, 4505, 1009])
async def test_a_final_close_ends_it(code: int) -> None:
    async with script() as server, board(server) as live:
        await (await server.peer()).close(code)
        with pytest.raises(LiveEnded) as ended:
            await next_state(live)
        with pytest.raises(LiveEnded):
            await next_state(live)
    assert ended.value.close_code == code


async def test_a_final_refusal_ends_it_and_others_pass() -> None:
    async with script() as server, board(server) as live:
        peer = await server.peer()
        server.refusals += [web.Response(status=503), web.Response(status=404)]
        peer.cut()
        with pytest.raises(LiveEnded) as ended:
            await read_on(live)
    assert ended.value.status == 404


async def test_what_is_no_scoreboard_ends_it() -> None:
    async with script() as server, board(server) as live:
        await (await server.peer()).say_text("hello")
        with pytest.raises(NotAScoreboard):
            await next_state(live)


class Told:
    """What a board that runs with callbacks tells."""

    def __init__(self) -> None:
        self.states: asyncio.Queue[LiveState] = asyncio.Queue()
        self.interruptions: asyncio.Queue[Interruption] = asyncio.Queue()

    async def state(self) -> LiveState:
        """The next state."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.states.get()

    async def interruption(self) -> Interruption:
        """The next interruption."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.interruptions.get()


@asynccontextmanager
async def running(live: LiveBoard) -> AsyncIterator[Told]:
    """A board that runs while the block lasts."""
    told = Told()
    task = asyncio.create_task(live.run(told.states.put_nowait, told.interruptions.put_nowait))
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_callbacks_are_told_of_states_and_of_interruptions() -> None:
    async with script() as server, running(board(server)) as told:
        peer = await server.peer()
        await peer.say(**snapshot(1))
        assert (await told.state()).version == 1
        await peer.say(type="bye", code=4001, reconnectInMs=[1, 2])
        await peer.close(4001)
        interruption = await told.interruption()
        again = await server.peer()
        back = await told.state()
        await again.say(**delta(2, 1))
        assert (await told.state()).version == 2
    assert (interruption.reason, interruption.close_code) == ("closed", 4001)
    assert 0.001 <= interruption.pause_s <= 0.002
    assert (back.version, back.connection) == (1, "open")


async def test_a_service_that_is_away_is_waited_for() -> None:
    async with script() as server:
        await server.stop()
        async with running(board(server)) as told:
            interruption = await told.interruption()
            await server.start()
            await (await server.peer()).say(**snapshot(1))
            await told.state()
    assert interruption.reason == "unreachable"


async def test_a_refusal_is_told_with_its_status() -> None:
    async with script() as server:
        server.refusals.append(web.Response(status=429))
        async with running(board(server)) as told:
            interruption = await told.interruption()
            await server.peer()
    assert (interruption.reason, interruption.status) == ("refused", 429)


async def test_what_a_callback_raises_is_raised_and_no_lost_connection() -> None:
    def fail(_: LiveState) -> None:
        raise BrokenPipeError

    async with script() as server:
        running_board = asyncio.create_task(board(server).run(fail))
        peer = await server.peer()
        await peer.say(**snapshot(1))
        with pytest.raises(BrokenPipeError):
            await asyncio.wait_for(running_board, PATIENCE_S)


async def test_a_connection_that_falls_silent_is_left() -> None:
    interruptions: asyncio.Queue[Interruption | None] = asyncio.Queue()
    async with script() as server:
        conversation = Conversation(silence_max_s=0.1)
        conversation.show("top:10")
        following = Following(server.url, conversation, None, None)
        task = asyncio.create_task(following.run(lambda _: None, interruptions.put_nowait))
        first = await server.peer()
        assert await interruptions.get() is None
        interruption = await asyncio.wait_for(interruptions.get(), PATIENCE_S)
        await server.peer()
        task.cancel()
        await asyncio.wait([task])
        assert await first.heard() is None
    assert interruption is not None
    assert interruption.reason == "silent"
