"""GET /scores/top and GET /scores/{userId}."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from scoreboard.domain.identifiers import BoardId, UserId
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard

ISO_8601 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


FRESH = {"top_cache_ms": 1, "top_fallback_cache_ms": 1}
"""A top is read anew for every request, from whichever store answers."""


async def _players(running: Scoreboard, *scores: int) -> list[UserId]:
    users = [new_user() for _ in scores]
    for user_id, score in zip(users, scores, strict=True):
        assert (await running.increment(user_id, score)).status == 200
    return users


async def test_a_board_without_scores_has_an_empty_top(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get("/scores/top")
    assert (answer.status, answer.body["entries"]) == (200, [])
    assert set(answer.body) == {"entries", "generatedAt"}


async def test_ties_share_a_rank_and_whoever_was_first_stands_first(backends: Backends) -> None:
    async with run_scoreboard(backends, **FRESH) as running:
        low, first, second, high = await _players(running, 10, 20, 20, 30)
        entries = (await running.get("/scores/top")).body["entries"]
    assert entries == [
        {"userId": high, "score": 30, "rank": 1},
        {"userId": first, "score": 20, "rank": 2},
        {"userId": second, "score": 20, "rank": 2},
        {"userId": low, "score": 10, "rank": 4},
    ]


async def test_a_top_has_ten_entries_unless_the_limit_says_otherwise(backends: Backends) -> None:
    async with run_scoreboard(backends, **FRESH) as running:
        await _players(running, *range(1, 13))
        lengths = {
            query: len((await running.get(f"/scores/top{query}")).body["entries"])
            for query in ("", "?limit=1", "?limit=10", "?limit=11", "?limit=50")
        }
    assert lengths == {"": 10, "?limit=1": 1, "?limit=10": 10, "?limit=11": 11, "?limit=50": 12}


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=51", "limit=-1", "limit=", "limit=ten", "limit=1.0", "limit=1e1"),
        *("limit=+5", "limit=%205", "limit=0x5", "limit=%D9%A5", "limit=5&limit=5", "limit=9999"),
    ],
)
async def test_a_limit_is_one_number_from_1_to_50(scoreboard: Scoreboard, query: str) -> None:
    answer = await scoreboard.get(f"/scores/top?{query}")
    assert (answer.status, answer.code) == (400, "invalid_payload")


async def test_a_top_says_when_it_was_made(scoreboard: Scoreboard) -> None:
    generated = (await scoreboard.get("/scores/top")).body["generatedAt"]
    assert re.fullmatch(ISO_8601, generated)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(generated)) < timedelta(seconds=30)


async def test_edge_caches_may_hold_a_top_for_a_second(scoreboard: Scoreboard) -> None:
    headers = (await scoreboard.get("/scores/top")).headers
    assert headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5"
    assert headers["Content-Type"] == "application/json"
    assert "Age" not in headers


@pytest.mark.parametrize("form", ["{}", '"other", {}', "{}, W/*", "*"])
async def test_a_top_at_hand_is_not_sent_again(scoreboard: Scoreboard, form: str) -> None:
    first = await scoreboard.get("/scores/top")
    tag = first.headers["ETag"]
    again = await scoreboard.get("/scores/top", headers={"If-None-Match": form.format(tag)})
    assert (again.status, again.body) == (304, None)
    assert (again.headers["ETag"], again.headers["Cache-Control"]) == (
        tag,
        first.headers["Cache-Control"],
    )


async def test_a_changed_top_is_sent_with_another_tag(backends: Backends) -> None:
    async with run_scoreboard(backends, **FRESH) as running:
        old = (await running.get("/scores/top")).headers["ETag"]
        await _players(running, 1)
        new = await running.get("/scores/top", headers={"If-None-Match": old})
    assert new.status == 200
    assert new.headers["ETag"] != old


async def test_a_standing_tells_score_rank_and_time(scoreboard: Scoreboard) -> None:
    alice, _ = await _players(scoreboard, 10, 20)
    answer = await scoreboard.get(f"/scores/{alice}")
    updated = answer.body.pop("lastUpdated")
    assert answer.body == {"userId": alice, "score": 10, "rank": 2}
    assert re.fullmatch(ISO_8601, updated)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(updated)) < timedelta(seconds=30)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_standing_is_found_by_an_id_in_upper_case(scoreboard: Scoreboard) -> None:
    (alice,) = await _players(scoreboard, 10)
    answer = await scoreboard.get(f"/scores/{alice.upper()}")
    assert (answer.status, answer.body["userId"]) == (200, alice)


async def test_a_standing_is_never_answered_with_304(scoreboard: Scoreboard) -> None:
    (alice,) = await _players(scoreboard, 10)
    tag = (await scoreboard.get(f"/scores/{alice}")).headers["ETag"]
    answer = await scoreboard.get(f"/scores/{alice}", headers={"If-None-Match": tag})
    assert answer.status == 200


async def test_a_user_without_a_score_is_not_found(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get(f"/scores/{new_user()}")
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("name", ["alice", "0", "%00", "%ff", "..%2ftop", "x" * 300])
async def test_a_user_id_that_is_no_uuid_is_refused(scoreboard: Scoreboard, name: str) -> None:
    answer = await scoreboard.get(f"/scores/{name}")
    assert (answer.status, answer.code) == (400, "invalid_payload")


async def test_a_board_is_read_at_its_own_address(backends: Backends, arena: BoardId) -> None:
    alice = new_user()
    async with run_scoreboard(backends, **FRESH) as running:
        await running.increment(alice, 7, board_id=arena)
        assert (await running.get(f"/boards/{arena}/scores/{alice}")).body["score"] == 7
        top = await running.get(f"/boards/{arena}/scores/top")
        assert [each["userId"] for each in top.body["entries"]] == [alice]
        assert (await running.get(f"/scores/{alice}")).status == 404


@pytest.mark.parametrize("path", ["scores/top", "scores/0b0f6d7e-5b1c-4a3e-9d61-0123456789ab"])
async def test_an_unknown_board_is_not_found(scoreboard: Scoreboard, path: str) -> None:
    answer = await scoreboard.get(f"/boards/nowhere/{path}")
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("name", ["UP", "-a", "a" * 65, "a%20b", "a.b"])
async def test_a_board_id_of_another_form_is_refused(scoreboard: Scoreboard, name: str) -> None:
    answer = await scoreboard.get(f"/boards/{name}/scores/top")
    assert (answer.status, answer.code) == (400, "invalid_payload")


async def test_standings_that_are_asked_for_together_are_read_together(
    backends: Backends,
) -> None:
    async with (
        run_scoreboard(backends) as running,
        Redis.from_url(backends.redis_url) as raw,
    ):
        users = await _players(running, *range(1, 21))
        before = await script_calls(raw)
        answers = await asyncio.gather(
            *(running.get(f"/scores/{user_id}") for user_id in users * 10)
        )
        assert await script_calls(raw) - before < len(answers) / 2
    assert [each.body["score"] for each in answers] == [*range(1, 21)] * 10


async def script_calls(raw: Redis) -> int:
    """How many scripts Redis has run."""
    stats = await raw.info("commandstats")
    return int(stats["cmdstat_evalsha"]["calls"])
