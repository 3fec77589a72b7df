"""Who may do what, and which refusal comes first."""

from __future__ import annotations

import itertools

import pytest

from scoreboard.auth.policy import (
    authorize_grant,
    match_action,
    parse_bearer,
    require_scope_for,
)
from scoreboard.domain.boards import Board
from scoreboard.domain.claims import Action, Principal
from scoreboard.domain.errors import (
    ActionBoardMismatch,
    ActionDeltaMismatch,
    ActionNonceMismatch,
    ActionUserMismatch,
    AuthRequired,
    InsufficientScope,
    PolicyDenied,
    Refusal,
    TokenInvalid,
)
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, Nonce
from tests.auth.forge import ALICE, BOB, NONCE

BOARD = Board(MAIN_BOARD, max_delta=100, min_score=0, max_score=10**6)
PICKY = Board(
    MAIN_BOARD, max_delta=100, min_score=0, max_score=10**6, allowed_actions=frozenset({"win"})
)
OTHER_NONCE = Nonce("z" * 22)


def principal(*scopes: str, subject: str = ALICE) -> Principal:
    return Principal(subject, frozenset(scopes), "kid", 2_000_000_000)


def action(delta: int = 5, act: str = "win") -> Action:
    return Action(ALICE, MAIN_BOARD, delta, act, Nonce(NONCE), 2_000_000_000, "kid")


def test_a_user_redeems_an_own_action() -> None:
    require_scope_for(principal("scores:write"), ALICE, 5)
    match_action(action(), user_id=ALICE, delta=5, nonce=Nonce(NONCE), board=BOARD)


@pytest.mark.parametrize(
    ("who", "delta"),
    [
        (principal(), 5),
        (principal("admin", "actions:grant", "scores:writes", "scores"), 5),
        (principal("scores:write", subject=BOB), 5),
        (principal("scores:write", subject="game-server"), 5),
        (principal("scores:write"), -5),
    ],
)
def test_a_redemption_beyond_the_scopes_is_refused(who: Principal, delta: int) -> None:
    with pytest.raises(InsufficientScope, match="needs the scope scores:"):
        require_scope_for(who, ALICE, delta)


@pytest.mark.parametrize("delta", [5, -5])
def test_a_moderator_redeems_for_every_user_and_may_subtract(delta: int) -> None:
    require_scope_for(principal("scores:bonus", subject=BOB), ALICE, delta)


def test_the_mismatches_come_in_the_order_of_the_error_table() -> None:
    wrong = {
        "user_id": (BOB, ActionUserMismatch),
        "delta": (6, ActionDeltaMismatch),
        "nonce": (OTHER_NONCE, ActionNonceMismatch),
        "board": (
            Board(BoardId("other"), max_delta=1, min_score=0, max_score=1), ActionBoardMismatch,
        ),
    }  # fmt: skip
    right = {"user_id": ALICE, "delta": 5, "nonce": Nonce(NONCE), "board": BOARD}
    for size in range(1, 5):
        for names in itertools.combinations(wrong, size):
            request = right | {name: wrong[name][0] for name in names}
            with pytest.raises(Refusal) as caught:
                match_action(action(), **request)  # type: ignore[arg-type]
            assert type(caught.value) is wrong[names[0]][1]


def test_another_users_action_is_refused_although_ones_own_id_is_sent() -> None:
    require_scope_for(principal("scores:write", subject=BOB), BOB, 5)
    with pytest.raises(ActionUserMismatch):
        match_action(action(), user_id=BOB, delta=5, nonce=Nonce(NONCE), board=BOARD)


@pytest.mark.parametrize(
    ("granted", "board"), [(action(act="loss"), PICKY), (action(delta=101), BOARD)]
)
def test_a_redemption_against_the_boards_rules_is_refused(granted: Action, board: Board) -> None:
    with pytest.raises(PolicyDenied):
        match_action(granted, user_id=ALICE, delta=granted.delta, nonce=Nonce(NONCE), board=board)


@pytest.mark.parametrize("delta", [1, 100, -1, -100])
def test_a_game_server_grants_within_the_boards_rules(delta: int) -> None:
    authorize_grant(principal("actions:grant", subject="game"), PICKY, "win", delta)


@pytest.mark.parametrize(("act", "delta"), [("loss", 5), ("win", 101), ("win", -101), ("win", 0)])
def test_a_grant_against_the_boards_rules_is_refused(act: str, delta: int) -> None:
    with pytest.raises(PolicyDenied):
        authorize_grant(principal("actions:grant"), PICKY, act, delta)


def test_a_grant_without_its_scope_is_refused_whatever_else_is_wrong() -> None:
    with pytest.raises(InsufficientScope, match="actions:grant"):
        authorize_grant(principal("scores:write", "scores:bonus", "admin"), PICKY, "loss", 101)


@pytest.mark.parametrize(
    "value", ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "]
)
def test_one_bearer_token_is_found(value: str) -> None:
    assert parse_bearer([value]) == "a.b.c"


@pytest.mark.parametrize(
    "values", [[], [""], [" "], ["Basic dXNlcjpwYXNz"], ["a.b.c"], ["Bearera.b.c"], ["DPoP a.b.c"]]
)
def test_a_request_without_bearer_token_must_authenticate(values: list[str]) -> None:
    with pytest.raises(AuthRequired):
        parse_bearer(values)


@pytest.mark.parametrize(
    "values",
    [
        ["Bearer a.b.c", "Bearer a.b.c"],
        ["Bearer a.b.c", ""],
        ["Basic dXNlcjpwYXNz", "Bearer a.b.c"],
        ["Bearer"],
        ["Bearer  "],
        ["Bearer a b"],
        ["Bearer a,Bearer b"],
        ["Bearer a, b"],
        ["Bearer a,b"],
    ],
)
def test_anything_but_exactly_one_bearer_token_is_refused(values: list[str]) -> None:
    with pytest.raises(TokenInvalid):
        parse_bearer(values)
