"""Each refusal of POST /scores/increment: its status and code, and nothing written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from scoreboard.domain.identifiers import BoardId
from tests.harness import Backends, Scoreboard, new_user
from tests.web.support import ABSENT, EMPTY, Draft, rows

Spoil = Callable[[Draft], object]
OTHER = new_user()


def _bearer(*scopes: str, life_s: int = 600, age_s: float = 0) -> Spoil:
    def spoil(draft: Draft) -> None:
        token = draft.running.issuer.issue_bearer(
            subject=draft.user_id, scopes=scopes, life_s=life_s, now_s=time.time() - age_s
        )
        draft.headers["Authorization"] = f"Bearer {token}"

    return spoil


def _header(name: str, value: object) -> Spoil:
    return lambda draft: draft.headers.update({name: value})


def _member(name: str, value: object) -> Spoil:
    return lambda draft: draft.body.update({name: value})


def _granted(**changes: Any) -> Spoil:
    return lambda draft: draft.grant.update(changes)


def _swap_classes(draft: Draft) -> None:
    draft.body["actionToken"] = draft.running.bearer(draft.user_id)


def _bearer_of_other_class(draft: Draft) -> None:
    draft.headers["Authorization"] = f"Bearer {draft.granted.token}"


def _token_in_query(draft: Draft) -> None:
    token = draft.running.bearer(draft.user_id)
    draft.path = f"/boards/arena/scores/increment?access_token={token}"
    draft.headers["Authorization"] = ABSENT


def _age(draft: Draft) -> None:
    draft.granted_s = 120


def _age_by_days(draft: Draft) -> None:
    draft.granted_s = 3 * 86_400


CASES: list[tuple[int, str, str, Spoil]] = [
    (401, "auth_required", "no header", _header("Authorization", ABSENT)),
    (401, "auth_required", "another scheme", _header("Authorization", "Basic YTpi")),
    (401, "auth_required", "a token in the query", _token_in_query),
    (401, "token_invalid", "no JWT", _header("Authorization", "Bearer x.y.z")),
    (401, "token_invalid", "nothing after Bearer", _header("Authorization", "Bearer")),
    (401, "token_invalid", "two tokens", _header("Authorization", "Bearer a.b.c d.e.f")),
    (401, "token_invalid", "an action token", _bearer_of_other_class),
    (401, "token_expired", "an old token", _bearer("scores:write", life_s=60, age_s=120)),
    (400, "invalid_payload", "an unknown member", _member("bonus", 1)),
    (400, "invalid_payload", "a user that is no UUID", _member("userId", "alice")),
    (400, "payload_too_large", "5 KiB", _member("bonus", "x" * 5000)),
    (400, "unsupported_encoding", "gzip", _header("Content-Encoding", "gzip")),
    (400, "unsupported_encoding", "identity", _header("Content-Encoding", "identity")),
    (400, "nonce_missing", "no nonce", _header("X-Action-Nonce", ABSENT)),
    (400, "nonce_invalid", "21 characters", _header("X-Action-Nonce", "n" * 21)),
    (400, "nonce_invalid", "65 characters", _header("X-Action-Nonce", "n" * 65)),
    (400, "nonce_invalid", "other characters", _header("X-Action-Nonce", "n" * 21 + "+")),
    (400, "nonce_invalid", "empty", _header("X-Action-Nonce", "")),
    (400, "action_token_missing", "no token", _member("actionToken", ABSENT)),
    (400, "action_token_missing", "null", _member("actionToken", None)),
    (400, "action_token_missing", "empty", _member("actionToken", "")),
    (403, "insufficient_scope", "no scope", _bearer()),
    (403, "insufficient_scope", "another scope", _bearer("actions:grant", "admin")),
    (403, "insufficient_scope", "another user", _member("userId", OTHER)),
    (403, "action_token_invalid", "no JWT", _member("actionToken", "x.y.z")),
    (403, "action_token_invalid", "a Bearer token", _swap_classes),
    (403, "action_token_invalid", "a life too long", _granted(life_s=301)),
    (403, "action_token_invalid", "not yet valid", _granted(now_s=time.time() + 600)),
    (403, "action_user_mismatch", "another user's", _granted(user_id=OTHER)),
    (403, "action_delta_mismatch", "another delta", _granted(delta=6)),
    (403, "action_delta_mismatch", "another sign", _granted(delta=-5)),
    (403, "action_nonce_mismatch", "another nonce", _header("X-Action-Nonce", "n" * 22)),
    (403, "action_board_mismatch", "another board", _granted(board_id=BoardId("main"))),
    (403, "policy_denied", "another action", _granted(act="cheat")),
    (403, "action_token_expired", "an old token", _age),
    (403, "action_token_expired", "a token of days ago", _age_by_days),
]


@pytest.mark.parametrize(
    ("status", "code", "spoil"),
    [(status, code, spoil) for status, code, _, spoil in CASES],
    ids=[f"{code}: {what}" for _, code, what, _ in CASES],
)
async def test_a_spoilt_request_gets_its_code_and_leaves_nothing_behind(
    scoreboard: Scoreboard,
    backends: Backends,
    arena: BoardId,
    status: int,
    code: str,
    spoil: Spoil,
) -> None:
    draft = Draft(scoreboard, board_id=arena)
    spoil(draft)
    answer = await draft.send()
    assert (answer.status, answer.code) == (status, code)
    assert await rows(backends.database_url) == EMPTY


async def test_a_delta_beyond_the_boards_limit_is_denied(
    scoreboard: Scoreboard, arena: BoardId
) -> None:
    answer = await Draft(scoreboard, board_id=arena, delta=51).send()
    assert (answer.status, answer.code) == (403, "policy_denied")


@pytest.mark.parametrize("delta", [21, -21])
async def test_a_score_beyond_the_boards_limits_is_refused_and_leaves_nothing_behind(
    scoreboard: Scoreboard, backends: Backends, arena: BoardId, delta: int
) -> None:
    draft = Draft(scoreboard, board_id=arena, delta=delta)
    bonus = scoreboard.bearer("moderator", "scores:bonus")
    draft.headers["Authorization"] = f"Bearer {bonus}"
    answer = await draft.send()
    assert (answer.status, answer.code) == (400, "score_limit")
    assert await rows(backends.database_url) == EMPTY


async def test_score_limit_leaves_the_nonce_usable(scoreboard: Scoreboard, arena: BoardId) -> None:
    user_id = new_user()
    assert (await scoreboard.increment(user_id, 18, board_id=arena)).status == 200
    late = Draft(scoreboard, user_id, board_id=arena)
    assert (await late.send()).code == "score_limit"
    bonus = scoreboard.bearer("moderator", "scores:bonus")
    await scoreboard.increment(user_id, -10, board_id=arena, bearer=bonus)
    assert (await late.send()).body["score"] == 13
