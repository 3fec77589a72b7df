"""GET /boards and GET /stats: for moderators, as described, and true."""

from __future__ import annotations

from typing import Any

import pytest

from scoreboard.domain.identifiers import BoardId
from tests.harness import Answer, Backends, Scoreboard, new_user, run_scoreboard
from tests.web.description import faults_of_answer
from tests.web.support import query

PATHS = ("/boards", "/stats")


async def _read(running: Scoreboard, path: str, *scopes: str) -> Answer:
    bearer = running.bearer("moderator-1", *scopes)
    return await running.get(path, headers={"Authorization": f"Bearer {bearer}"})


@pytest.mark.parametrize("path", PATHS)
async def test_moderators_alone_may_read(scoreboard: Scoreboard, path: str) -> None:
    answers = {
        "moderator": await _read(scoreboard, path, "moderator"),
        "admin": await _read(scoreboard, path, "admin"),
        "player": await _read(scoreboard, path, "scores:write"),
        "nobody": await scoreboard.get(path),
    }
    assert {name: each.status for name, each in answers.items()} == {
        "moderator": 200,
        "admin": 200,
        "player": 403,
        "nobody": 401,
    }
    for answer in answers.values():
        assert faults_of_answer("GET", path, answer) == [], answer


async def test_boards_are_told_with_their_limits_also_one_made_a_moment_ago(
    scoreboard: Scoreboard, backends: Backends, arena: BoardId
) -> None:
    await query(backends.database_url, "INSERT INTO boards (board_id) VALUES ('new')")
    boards = (await _read(scoreboard, "/boards", "moderator")).body["boards"]
    assert [each["board"] for each in boards] == ["arena", "main", "new"]
    assert boards[0] == {
        "board": arena,
        "maxDelta": 50,
        "minScore": -20,
        "maxScore": 20,
        "allowedActions": ["win"],
    }
    assert boards[1]["allowedActions"] is None


async def test_stats_count_what_was_done(scoreboard: Scoreboard) -> None:
    before = await _counted(scoreboard)
    for _ in range(3):
        await scoreboard.increment(new_user(), 5)
    await scoreboard.increment(new_user(), 5, headers={"X-Action-Nonce": "other"})
    after = await _counted(scoreboard)
    assert after["increments"] - before["increments"] == 3
    assert after["refusals"] == {"nonce_invalid": 1}
    assert after["commits"]["upToMs"][-1] is None
    assert 1 <= after["commits"]["counts"][-1] - before["commits"]["counts"][-1] <= 3


async def _counted(running: Scoreboard) -> dict[str, Any]:
    counted: dict[str, Any] = (await _read(running, "/stats", "moderator")).body["counted"]
    return counted


async def test_the_console_is_where_its_requests_are_answered(backends: Backends) -> None:
    async with run_scoreboard(backends, roles=frozenset({"gateway", "relay"})) as running:
        for path in ("/console", "/boards", "/stats"):
            assert (await running.get(path)).code == "not_found", path
