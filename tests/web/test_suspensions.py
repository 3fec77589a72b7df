"""A suspension from the request to the screens, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from scoreboard.client import Entry, LiveBoard
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.times import iso_utc
from tests.checker import check_invariants, until, until_settled
from tests.harness import Backends, Scoreboard, new_user
from tests.web.description import faults_of_answer
from tests.web.support import query
from tests.web.test_acts import act, entries_of, read

SHOWN_S = 1.0
LOOK_S = 1.5
"""Followed users are looked up once a second; the rest is what a look takes."""
PATIENCE_S = 20.0


async def shown(
    watcher: aiohttp.ClientWebSocketResponse, holds: Callable[[dict[str, Any]], bool]
) -> None:
    """Returns once the watcher is sent a frame of which that holds: in a second at most."""
    async with asyncio.timeout(SHOWN_S):
        while not holds(await watcher.receive_json()):
            pass


async def test_the_suspended_vanish_within_a_second_and_come_back_as_they_were(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    alice, bob = new_user(), new_user()
    await scoreboard.increment(alice, 20)
    await scoreboard.increment(bob, 10)
    url = f"{scoreboard.url}/ws?view=top:10"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as watcher:
        second = {"userId": bob, "score": 10, "rank": 2}
        await shown(watcher, lambda frame: second in entries_of(frame))
        answer = await act(scoreboard, {"kind": "suspension", "userId": alice})
        assert (answer.status, answer.body["rank"], answer.body["score"]) == (201, None, 20)
        await shown(watcher, lambda frame: alice in frame.get("removed", ()))
        assert (await scoreboard.get(f"/scores/{alice}")).code == "not_found"
        assert (await scoreboard.get(f"/scores/{alice}/around")).code == "not_found"
        around = await scoreboard.get(f"/scores/{bob}/around")
        assert [each["userId"] for each in around.body["entries"]] == [bob]
        assert around.body["of"] == 1
        refused = await scoreboard.increment(alice, 5)
        assert (refused.status, refused.code) == (403, "user_suspended")
        assert faults_of_answer("POST", "/scores/increment", refused) == []
        held = (await read(scoreboard, f"/users/{alice}/events")).body["total"]
        assert (held["score"], held["isSuspended"], held["suspendedUntil"]) == (20, True, None)
        lifted = await act(scoreboard, {"kind": "lift", "userId": alice})
        assert (lifted.body["rank"], lifted.body["score"]) == (1, 20)
        first = {"userId": alice, "score": 20, "rank": 1}
        await shown(watcher, lambda frame: first in entries_of(frame))
    assert (await scoreboard.increment(alice, 5)).body == {"score": 25, "rank": 1}
    history = await read(scoreboard, f"/users/{alice}/events")
    assert [each["source"] for each in history.body["events"]] == [
        "win", "lift", "suspension", "win",
    ]  # fmt: skip
    assert faults_of_answer("GET", "/users/{userId}/events", history) == []
    await until_settled(backends.database_url)
    await check_invariants(
        backends.database_url,
        redis_url=backends.redis_url,
        redis_prefix=backends.redis_prefix,
        is_relayed=True,
    )


def watching(running: Scoreboard, user: UserId, other: UserId) -> LiveBoard:
    """What a user sees of himself, of those around him, and of somebody whom he named."""
    views = ("me", "around:2", "users")
    return LiveBoard(running.url, *views, users=[other], token=running.bearer(user))


async def until_seen(
    live: LiveBoard, me: tuple[int | None, ...], around: list[Entry], users: list[Entry]
) -> None:
    """Returns once the views show that; of `me` score, rank and version."""
    while True:
        own, near, named = (each.shown for each in live.states())
        seen = (own.score, own.rank, own.version), list(near.entries), list(named.entries)
        if seen == (me, around, users):
            return
        await anext(live)


async def test_what_is_followed_is_right_within_a_second_after_a_suspension(
    scoreboard: Scoreboard,
) -> None:
    alice, bob = new_user(), new_user()
    await scoreboard.increment(alice, 20)
    await scoreboard.increment(bob, 10)
    async with watching(scoreboard, alice, bob) as hers, watching(scoreboard, bob, alice) as his:
        first, second, alone = Entry(alice, 20, 1), Entry(bob, 10, 2), Entry(bob, 10, 1)
        async with asyncio.timeout(PATIENCE_S):
            await until_seen(hers, (20, 1, 1), [first, second], [second])
            await until_seen(his, (10, 2, 1), [first, second], [first])
        await act(scoreboard, {"kind": "suspension", "userId": alice})
        async with asyncio.timeout(LOOK_S):
            await until_seen(hers, (None, None, None), [], [alone])
            await until_seen(his, (10, 1, 1), [alone], [])
        await act(scoreboard, {"kind": "lift", "userId": alice})
        async with asyncio.timeout(LOOK_S):
            await until_seen(hers, (20, 1, 3), [first, second], [second])
            await until_seen(his, (10, 2, 1), [first, second], [first])


async def test_a_suspension_with_an_end_ends_by_itself(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    alice = new_user()
    await scoreboard.increment(alice, 20)
    soon = iso_utc(datetime.now(UTC) + timedelta(seconds=1))
    answer = await act(scoreboard, {"kind": "suspension", "userId": alice, "until": soon})
    assert answer.status == 201
    assert (await scoreboard.get(f"/scores/{alice}")).status == 404

    async def is_back() -> bool:
        return (await scoreboard.get(f"/scores/{alice}")).status == 200

    await until(is_back)
    (row,) = await query(backends.database_url, "SELECT * FROM acts WHERE kind = 'lift'")
    assert (row["actor"], row["origin"], row["outcome"]) == ("scoreboard", "service", "applied")
    assert row["created_at"] >= datetime.fromisoformat(soon)


@pytest.mark.parametrize(
    "end", ["tomorrow", "2026-01-31", "2026-01-31T12:00:00", "", "2026-01-31T12:00:00Z"]
)
async def test_an_end_of_another_form_or_in_the_past_is_refused(
    scoreboard: Scoreboard, end: str
) -> None:
    answer = await act(scoreboard, {"kind": "suspension", "userId": new_user(), "until": end})
    assert [each["pointer"] for each in answer.body["errors"]] == ["/until"]


@pytest.mark.parametrize(
    ("body", "scope", "code"),
    [
        ({"kind": "suspension"}, "moderator", "not_found"),
        ({"kind": "lift"}, "moderator", "not_found"),
        ({"kind": "suspension"}, "scores:bonus", "insufficient_scope"),
    ],
)
async def test_who_is_not_there_cannot_be_suspended_or_brought_back(
    scoreboard: Scoreboard, body: dict[str, Any], scope: str, code: str
) -> None:
    answer = await act(scoreboard, {**body, "userId": new_user()}, scope=scope)
    assert answer.code == code
    assert faults_of_answer("POST", "/acts", answer) == []
