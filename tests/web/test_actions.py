"""POST /actions: what a trusted game server has granted."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import pytest

from scoreboard.auth.issue import GrantedAction
from scoreboard.domain.identifiers import BoardId, Nonce
from tests.harness import Answer, Backends, Scoreboard, new_user
from tests.web.support import EMPTY, Draft, rows


async def _grant(
    running: Scoreboard, *, path: str = "/actions", scope: str = "actions:grant", **changes: Any
) -> Answer:
    return await running.send(
        "POST",
        path,
        json={"userId": new_user(), "action": "win", "delta": 5, **changes},
        headers={"Authorization": f"Bearer {running.bearer('game-server', scope)}"},
    )


async def test_a_granted_action_can_be_redeemed_once(scoreboard: Scoreboard) -> None:
    alice = new_user()
    answer = await _grant(scoreboard, userId=alice.upper())
    assert answer.status == 201
    assert set(answer.body) == {"actionToken", "nonce", "expiresAt"}
    granted = GrantedAction(answer.body["actionToken"], Nonce(answer.body["nonce"]), 0)
    first = await scoreboard.increment(alice, 5, granted=granted)
    assert first.body == {"score": 5, "rank": 1}
    assert (await scoreboard.increment(alice, 5, granted=granted)).code == "nonce_reused"


async def test_a_grant_says_when_it_expires_and_is_kept_by_no_cache(scoreboard: Scoreboard) -> None:
    answer = await _grant(scoreboard)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", answer.body["expiresAt"])
    remaining_s = datetime.fromisoformat(answer.body["expiresAt"]).timestamp() - time.time()
    assert 50 < remaining_s <= 61
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,64}", answer.body["nonce"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"


async def test_every_grant_has_a_nonce_of_its_own(scoreboard: Scoreboard) -> None:
    alice = new_user()
    answers = [await _grant(scoreboard, userId=alice) for _ in range(3)]
    assert len({each.body["nonce"] for each in answers}) == 3


async def test_a_grant_writes_nothing(scoreboard: Scoreboard, backends: Backends) -> None:
    assert (await _grant(scoreboard)).status == 201
    assert await rows(backends.database_url) == EMPTY


@pytest.mark.parametrize("scope", ["scores:write", "scores:bonus", "admin", "actions:grant2"])
async def test_other_scopes_grant_nothing(scoreboard: Scoreboard, scope: str) -> None:
    answer = await _grant(scoreboard, scope=scope)
    assert (answer.status, answer.code) == (403, "insufficient_scope")


async def test_a_grant_needs_a_bearer_token(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.send("POST", "/actions", json={})
    assert (answer.status, answer.code) == (401, "auth_required")
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"userId": "alice"}, "/userId"),
        ({"action": "Win"}, "/action"),
        ({"action": ""}, "/action"),
        ({"action": "w" * 65}, "/action"),
        ({"action": 1}, "/action"),
        ({"delta": 0}, "/delta"),
        ({"delta": 1.0}, "/delta"),
        ({"delta": True}, "/delta"),
        ({"delta": 2**53}, "/delta"),
        ({"board": "NOT A BOARD"}, "/board"),
        ({"board": ""}, "/board"),
        ({"life": 3600}, ""),
    ],
)
async def test_a_grant_of_another_form_is_refused_where_it_is_wrong(
    scoreboard: Scoreboard, changes: dict[str, Any], pointer: str
) -> None:
    answer = await _grant(scoreboard, **changes)
    assert (answer.status, answer.code) == (400, "invalid_payload")
    assert [each["pointer"] for each in answer.body["errors"]] == [pointer]


async def test_bad_utf_8_in_a_grant_is_refused(scoreboard: Scoreboard) -> None:
    bearer = scoreboard.bearer("game-server", "actions:grant")
    answer = await scoreboard.send(
        "POST",
        "/actions",
        data=b'{"action":"\xff"}',
        headers={"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"},
    )
    assert (answer.status, answer.code) == (400, "invalid_payload")


@pytest.mark.parametrize("changes", [{"delta": 51}, {"delta": -51}, {"action": "cheat"}])
async def test_what_the_boards_rules_do_not_allow_is_denied(
    scoreboard: Scoreboard, changes: dict[str, Any]
) -> None:
    answer = await _grant(scoreboard, board="arena", **changes)
    assert (answer.status, answer.code) == (403, "policy_denied")


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/actions", {"board": "arena"}),
        ("/boards/arena/actions", {}),
        ("/boards/arena/actions", {"board": None}),
        ("/boards/arena/actions", {"board": "arena"}),
    ],
)
async def test_the_board_is_named_in_the_body_or_in_the_address(
    scoreboard: Scoreboard, arena: BoardId, path: str, changes: dict[str, Any]
) -> None:
    alice = new_user()
    answer = await _grant(scoreboard, path=path, userId=alice, **changes)
    granted = GrantedAction(answer.body["actionToken"], Nonce(answer.body["nonce"]), 0)
    redeemed = await scoreboard.increment(alice, 5, granted=granted, board_id=arena)
    assert redeemed.status == 200


async def test_a_body_that_names_another_board_than_the_address_is_refused(
    scoreboard: Scoreboard,
) -> None:
    answer = await _grant(scoreboard, path="/boards/arena/actions", board="main")
    assert (answer.status, answer.code) == (400, "invalid_payload")
    assert [each["pointer"] for each in answer.body["errors"]] == ["/board"]


@pytest.mark.parametrize("path", ["/actions", "/boards/nowhere/actions"])
async def test_an_unknown_board_is_not_found(scoreboard: Scoreboard, path: str) -> None:
    answer = await _grant(scoreboard, path=path, board="nowhere")
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_granted_negative_delta_is_redeemed_by_a_moderator(
    scoreboard: Scoreboard,
) -> None:
    alice = new_user()
    answer = await _grant(scoreboard, userId=alice, delta=-5)
    draft = Draft(scoreboard, alice, delta=-5, body={"actionToken": answer.body["actionToken"]})
    draft.headers["X-Action-Nonce"] = answer.body["nonce"]
    bonus = scoreboard.bearer("moderator", "scores:bonus")
    draft.headers["Authorization"] = f"Bearer {bonus}"
    assert (await draft.send()).body["score"] == -5
