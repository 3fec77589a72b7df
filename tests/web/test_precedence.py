"""A request with two faults at once gets the code that stands earlier in the error table."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from scoreboard.domain.identifiers import BoardId
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.support import ABSENT, Draft, query


@dataclass(frozen=True)
class Fault:
    """One thing wrong. Two faults of one `place` cannot be had at once."""

    code: str
    place: str
    spoil: Callable[[Draft], object]


def _without_scope(draft: Draft) -> None:
    token = draft.running.issuer.issue_bearer(
        subject=draft.user_id, scopes=(), life_s=60, now_s=time.time()
    )
    draft.headers["Authorization"] = f"Bearer {token}"


def _header(name: str, value: object) -> Callable[[Draft], object]:
    return lambda draft: draft.headers.update({name: value})


def _member(name: str, value: object) -> Callable[[Draft], object]:
    return lambda draft: draft.body.update({name: value})


def _granted(name: str, value: object) -> Callable[[Draft], object]:
    return lambda draft: draft.grant.update({name: value})


FAULTS = [
    Fault("auth_required", "bearer", _header("Authorization", ABSENT)),
    Fault("token_invalid", "bearer", _header("Authorization", "Bearer x.y.z")),
    Fault("unsupported_encoding", "encoding", _header("Content-Encoding", "br")),
    Fault("payload_too_large", "body", _member("filler", "x" * 5000)),
    Fault("invalid_payload", "body", _member("unknown", 1)),
    Fault("invalid_payload", "version", _header("If-Match", "7")),
    Fault("nonce_missing", "nonce", _header("X-Action-Nonce", ABSENT)),
    Fault("nonce_invalid", "nonce", _header("X-Action-Nonce", "short")),
    Fault("action_token_missing", "token", _member("actionToken", ABSENT)),
    Fault("insufficient_scope", "bearer", _without_scope),
    Fault("action_token_invalid", "token", _member("actionToken", "x.y.z")),
    Fault("action_user_mismatch", "user", _granted("user_id", new_user())),
    Fault("action_delta_mismatch", "delta", _granted("delta", 6)),
    Fault("action_nonce_mismatch", "nonce", _header("X-Action-Nonce", "n" * 22)),
    Fault("action_board_mismatch", "board", _granted("board_id", BoardId("main"))),
    Fault("policy_denied", "act", _granted("act", "cheat")),
    Fault("rate_limited", "rate", lambda draft: draft),
    Fault("nonce_reused", "spent", lambda draft: draft),
    Fault("action_token_expired", "age", lambda draft: setattr(draft, "granted_s", 120)),
    Fault("version_conflict", "version", _header("If-Match", '"7"')),
]
PAIRS = [
    pair for pair in itertools.combinations(FAULTS, 2) if len({each.place for each in pair}) == 2
]


async def _code_with(running: Scoreboard, backends: Backends, pair: tuple[Fault, Fault]) -> str:
    draft = Draft(running, board_id=BoardId("arena"))
    for fault in pair:
        fault.spoil(draft)
    codes = {fault.code for fault in pair}
    if "rate_limited" in codes:
        await running.increment(draft.user_id, 1, board_id=draft.board_id)
    if "nonce_reused" in codes:
        statement = "INSERT INTO action_nonces VALUES ($1, now(), 0)"
        await query(backends.database_url, statement, draft.granted.nonce)
    return (await draft.send()).code


async def test_of_two_faults_the_earlier_one_answers(backends: Backends, arena: BoardId) -> None:
    assert arena
    # Each user has one increment, so that a second one is over the limit.
    async with run_scoreboard(backends, rate_user_burst=1, rate_user_per_s=0.001) as running:
        answered = {
            f"{first.code} and {second.code}": await _code_with(running, backends, (first, second))
            for first, second in PAIRS
        }
    expected = {f"{first.code} and {second.code}": first.code for first, second in PAIRS}
    assert answered == expected


async def test_a_limited_address_is_told_so_whatever_else_is_wrong(
    backends: Backends, arena: BoardId
) -> None:
    async with run_scoreboard(backends, rate_ip_burst=1, rate_ip_per_s=0.001) as running:
        assert (await running.get("/scores/top")).status == 200
        for fault in FAULTS:
            draft = Draft(running, board_id=arena)
            fault.spoil(draft)
            answer = await draft.send()
            assert (answer.code, answer.body["policy"]) == ("rate_limited", "ip"), fault.code
