"""One increment, all the way."""

from __future__ import annotations

from tests.harness import Scoreboard, new_user


async def test_an_increment_is_added_up_ranked_and_shown(scoreboard: Scoreboard) -> None:
    alice, bob = new_user(), new_user()
    first = await scoreboard.increment(alice, 25)
    assert (first.status, first.body) == (200, {"score": 25, "rank": 1})
    assert first.headers["ETag"] == '"1"'
    second = await scoreboard.increment(bob, 40)
    assert (second.status, second.body) == (200, {"score": 40, "rank": 1})
    third = await scoreboard.increment(alice, 5)
    assert (third.status, third.body) == (200, {"score": 30, "rank": 2})

    standing = await scoreboard.get(f"/scores/{alice}")
    assert standing.status == 200
    assert {key: standing.body[key] for key in ("userId", "score", "rank")} == {
        "userId": alice,
        "score": 30,
        "rank": 2,
    }
    assert standing.headers["ETag"] == '"2"'
