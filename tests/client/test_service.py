"""The client and the service itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from scoreboard.client import Entry, LiveBoard, LiveEnded, ScoreboardClient
from scoreboard.client.problems import (
    ActionTokenExpired,
    ActionUserMismatch,
    AuthRequired,
    InsufficientScope,
    NonceReused,
    NotFound,
    TokenInvalid,
    VersionConflict,
)
from tests.client.scripted import answering
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard

PATIENCE_S = 20.0


def client(running: Scoreboard, subject: str, *scopes: str) -> ScoreboardClient:
    """A client of a running instance, for one user."""
    return ScoreboardClient(running.url, running.bearer(subject, *scopes))


async def top_of(reader: ScoreboardClient, score: int) -> tuple[Entry, ...]:
    """The top once this score leads: a top list may be a tick old."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            entries = (await reader.top()).entries
            if entries and entries[0].score == score:
                return entries


async def test_an_increment_is_redeemed_and_read(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    granted = scoreboard.grant(user_id, 25)
    async with client(scoreboard, user_id) as mine:
        receipt = await mine.increment(user_id, 25, granted.token)
        standing = await mine.user(user_id)
        entries = await top_of(mine, 25)
    assert (receipt.score, receipt.rank, receipt.version) == (25, 1, 1)
    assert not receipt.is_repeated
    assert (standing.score, standing.rank) == (25, 1)
    assert [each.user_id for each in entries] == [user_id]


async def test_the_users_around_one_are_read(scoreboard: Scoreboard) -> None:
    user_id, rival = new_user(), new_user()
    await scoreboard.increment(rival, 30)
    await scoreboard.increment(user_id, 25)
    async with client(scoreboard, user_id) as mine:
        found = await mine.around(user_id, 2)
        assert ([each.user_id for each in found.entries], found.of) == ([rival, user_id], 2)
        with pytest.raises(NotFound):
            await mine.around(new_user())


async def test_an_action_is_granted_and_redeemed(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    async with client(scoreboard, "game-server", "actions:grant") as game:
        granted = await game.grant(user_id, "win", 5)
    async with client(scoreboard, user_id) as mine:
        receipt = await mine.increment(user_id, 5, granted.action_token, granted.nonce)
    assert receipt.score == 5


async def test_refusals_are_told_by_their_type(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    granted = scoreboard.grant(user_id, 5)
    old = scoreboard.grant(user_id, 5, now_s=0.0)
    async with client(scoreboard, user_id) as mine:
        with pytest.raises(VersionConflict) as conflict:
            await mine.increment(user_id, 5, granted.token, expected_version=7)
        await mine.increment(user_id, 5, granted.token)
        with pytest.raises(NonceReused):
            await mine.increment(user_id, 5, granted.token)
        with pytest.raises(ActionTokenExpired):
            await mine.increment(user_id, 5, old.token)
        with pytest.raises(InsufficientScope):
            await mine.grant(user_id, "win", 5)
        with pytest.raises(NotFound):
            await mine.top(board="nowhere")
    assert conflict.value.members["version"] == 0


async def test_refusals_of_who_is_another_or_nobody_are_told(scoreboard: Scoreboard) -> None:
    granted = scoreboard.grant(new_user(), 5)
    user_id = new_user()
    async with client(scoreboard, user_id) as mine:
        with pytest.raises(ActionUserMismatch):
            await mine.increment(user_id, 5, granted.token)
    for token, kind in ((None, AuthRequired), ("x.y.z", TokenInvalid)):
        async with ScoreboardClient(scoreboard.url, token) as nobody:
            with pytest.raises(kind):
                await nobody.increment(user_id, 5, granted.token)


@asynccontextmanager
async def losing_answers(running: Scoreboard, count: int) -> AsyncIterator[str]:
    """A way to the service on which the first answers get lost behind it."""
    left = count

    async def forward(request: web.Request) -> web.StreamResponse:
        nonlocal left
        answer = await running.send(
            request.method,
            request.path_qs,
            data=await request.read(),
            headers=[
                (name, text) for name, text in request.headers.items() if name not in {"Host"}
            ],
        )
        if left:
            left -= 1
            assert request.transport is not None
            request.transport.abort()
        headers = {"ETag": answer.headers["ETag"]} if "ETag" in answer.headers else {}
        return web.json_response(answer.body, status=answer.status, headers=headers)

    async with answering(forward) as url:
        yield url


async def test_an_increment_whose_answers_get_lost_counts_once(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    granted = scoreboard.grant(user_id, 25)
    async with (
        losing_answers(scoreboard, 2) as url,
        ScoreboardClient(url, scoreboard.bearer(user_id)) as mine,
    ):
        receipt = await mine.increment(user_id, 25, granted.token)
    assert (receipt.score, receipt.rank, receipt.version) == (25, 1, 1)
    assert receipt.is_repeated
    assert (await scoreboard.get(f"/scores/{user_id}")).body["score"] == 25


async def until_scores(live: LiveBoard, *scores: int) -> None:
    """Returns once the list shows these scores."""
    async with asyncio.timeout(PATIENCE_S):
        async for state in live:
            if tuple(each.score for each in state.entries) == scores:
                return


async def test_a_live_board_shows_each_change(scoreboard: Scoreboard) -> None:
    async with LiveBoard(scoreboard.url, "top:10", "top:50") as live:
        await scoreboard.increment(new_user(), 5)
        await until_scores(live, 5)
        await scoreboard.increment(new_user(), 7)
        await until_scores(live, 7, 5)


async def test_a_live_board_shows_at_last_what_reads_show(scoreboard: Scoreboard) -> None:
    deltas = range(1, 15)
    async with client(scoreboard, "anybody") as mine, mine.live("top:10") as live:
        await asyncio.gather(*(scoreboard.increment(new_user(), delta) for delta in deltas))
        await until_scores(live, *range(14, 4, -1))
        assert live.states()[0].entries == await top_of(mine, 14)


async def test_a_live_board_comes_back_after_a_restart(backends: Backends) -> None:
    async with AsyncExitStack() as stack:
        async with run_scoreboard(backends) as first:
            port = int(first.url.rpartition(":")[2])
            board = LiveBoard(first.url, "top:10", pause_max_s=0.5)
            live = await stack.enter_async_context(board)
            await first.increment(new_user(), 5)
            await until_scores(live, 5)
        async with run_scoreboard(backends, port=port) as second:
            await second.increment(new_user(), 7)
            await until_scores(live, 7, 5)


async def test_a_live_board_that_is_not_there_ends(scoreboard: Scoreboard) -> None:
    async with LiveBoard(scoreboard.url, "top:10", board="nowhere") as live:
        with pytest.raises(LiveEnded) as ended:
            await anext(live)
    assert ended.value.status == 404


async def test_a_view_that_is_none_ends(scoreboard: Scoreboard) -> None:
    async with LiveBoard(scoreboard.url, "bottom:10") as live:
        with pytest.raises(LiveEnded) as ended:
            await anext(live)
    assert ended.value.code == "invalid_payload"
