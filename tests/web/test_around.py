"""GET /scores/{userId}/around."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, UserId
from tests.checker import until
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.test_reads import script_calls

NOWHERE = "redis://127.0.0.1:1"


async def players(running: Scoreboard, *scores: int) -> list[UserId]:
    """One user for each score."""
    users = [new_user() for _ in scores]
    for user_id, score in zip(users, scores, strict=True):
        assert (await running.increment(user_id, score)).status == 200
    return users


async def until_ranked(running: Scoreboard) -> None:
    """Returns once Redis holds the board: it is built when an instance has begun to lead."""

    async def is_built() -> bool:
        return await running.service._stores.standings.examine(MAIN_BOARD)

    await until(is_built)


@pytest.mark.parametrize("redis", ["up", "away"])
async def test_the_user_is_shown_among_those_above_and_below_him(
    backends: Backends, redis: str
) -> None:
    if redis == "away":
        backends.redis_url = NOWHERE
    async with run_scoreboard(backends) as running:
        users = await players(running, 40, 30, 20, 20, 10)
        answer = await running.get(f"/scores/{users[2]}/around?radius=1")
    assert answer.status == 200
    assert answer.body == {
        "userId": users[2],
        "entries": [
            {"userId": users[1], "score": 30, "rank": 2},
            {"userId": users[2], "score": 20, "rank": 3},
            {"userId": users[3], "score": 20, "rank": 3},
        ],
        "of": 5,
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"


async def test_five_are_shown_to_each_side_unless_the_radius_says_otherwise(
    scoreboard: Scoreboard,
) -> None:
    users = await players(scoreboard, *range(14, 0, -1))
    lengths = {
        query: len((await scoreboard.get(f"/scores/{users[6]}/around{query}")).body["entries"])
        for query in ("", "?radius=1", "?radius=6", "?radius=25")
    }
    assert lengths == {"": 11, "?radius=1": 3, "?radius=6": 13, "?radius=25": 14}


@pytest.mark.parametrize(
    "query",
    [
        *("radius=0", "radius=26", "radius=-1", "radius=", "radius=five", "radius=1.0"),
        *("radius=+5", "radius=%205", "radius=%D9%A5", "radius=5&radius=5", "radius=9999"),
    ],
)
async def test_a_radius_is_one_number_from_1_to_25(scoreboard: Scoreboard, query: str) -> None:
    answer = await scoreboard.get(f"/scores/{new_user()}/around?{query}")
    assert (answer.status, answer.code) == (400, "invalid_payload")


async def test_a_user_without_a_score_has_no_neighbours(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.get(f"/scores/{new_user()}/around")
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("name", ["top", "increment", "alice", "%00"])
async def test_neighbours_of_a_name_that_is_no_uuid_are_refused(
    scoreboard: Scoreboard, name: str
) -> None:
    answer = await scoreboard.get(f"/scores/{name}/around")
    assert (answer.status, answer.code) == (400, "invalid_payload")


async def test_neighbours_are_found_by_an_id_in_upper_case(scoreboard: Scoreboard) -> None:
    (alice,) = await players(scoreboard, 10)
    answer = await scoreboard.get(f"/scores/{alice.upper()}/around")
    assert (answer.status, answer.body["userId"]) == (200, alice)


async def test_neighbours_are_those_of_the_board_that_the_address_names(
    scoreboard: Scoreboard, arena: BoardId
) -> None:
    alice = new_user()
    await players(scoreboard, 10)
    await scoreboard.increment(alice, 7, board_id=arena)
    answer = await scoreboard.get(f"/boards/{arena}/scores/{alice}/around")
    assert answer.body == {
        "userId": alice,
        "entries": [{"userId": alice, "score": 7, "rank": 1}],
        "of": 1,
    }
    assert (await scoreboard.get(f"/scores/{alice}/around")).status == 404
    assert (await scoreboard.get(f"/boards/nowhere/scores/{alice}/around")).status == 404


async def test_neighbours_that_are_asked_for_together_are_read_together(
    backends: Backends,
) -> None:
    async with (
        run_scoreboard(backends) as running,
        Redis.from_url(backends.redis_url) as raw,
    ):
        await until_ranked(running)
        users = await players(running, *range(20, 0, -1))
        before = await script_calls(raw)
        answers = await asyncio.gather(
            *(running.get(f"/scores/{user_id}/around?radius=1") for user_id in users * 10)
        )
        assert await script_calls(raw) - before < len(answers) / 2
    shown = [{entry["userId"] for entry in each.body["entries"]} for each in answers[:20]]
    assert shown == [set(users[max(place - 1, 0) : place + 2]) for place in range(20)]


@pytest.mark.parametrize(("redis", "counted"), [("up", "hits"), ("away", "misses")])
async def test_metrics_tell_which_store_answered(
    backends: Backends, redis: str, counted: str
) -> None:
    if redis == "away":
        backends.redis_url = NOWHERE
    async with run_scoreboard(backends) as running:
        if redis == "up":
            await until_ranked(running)
        (alice,) = await players(running, 10)
        await running.get(f"/scores/{alice}/around")
        lines = (await running.metrics()).splitlines()
    for name in ("hits", "misses"):
        line = f'scoreboard_cache_{name}_total{{read="neighbours"}} {float(name == counted)}'
        assert line in lines
