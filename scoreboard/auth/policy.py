"""Who may do what: from a verified token, a request and a board to a refusal or none.

The checks come in the order of the error table: scope before the action token is even read, then
the action against the request, then the board's rules.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from scoreboard.domain.acts import Act, ActKind, Actor
from scoreboard.domain.boards import Board
from scoreboard.domain.claims import Action, Principal, Scope
from scoreboard.domain.errors import (
    ActionBoardMismatch,
    ActionDeltaMismatch,
    ActionNonceMismatch,
    ActionUserMismatch,
    AuthRequired,
    InsufficientScope,
    PolicyDenied,
    TokenInvalid,
)
from scoreboard.domain.identifiers import Nonce, UserId

_MODERATORS = frozenset({Scope.MODERATOR, Scope.ADMIN})


def parse_bearer(values: Sequence[str]) -> str:
    """The token of a request, from the values of all its Authorization headers.

    Raises AuthRequired where none offers a Bearer token, TokenInvalid where it is not exactly one.
    """
    if not values:
        raise AuthRequired
    if len(values) > 1:
        raise TokenInvalid("Send exactly one Authorization header.")
    scheme, _, rest = values[0].strip(" ").partition(" ")
    if scheme.lower() != "bearer":
        raise AuthRequired
    token = rest.lstrip(" ")
    if not token or " " in token or "," in token:
        raise TokenInvalid("The Authorization header must be `Bearer` and one token.")
    return token


def require_scope_for(principal: Principal, user_id: UserId, delta: int) -> None:
    """Raises InsufficientScope unless the bearer may redeem an action of this user and sign.

    `scores:bonus` redeems for every user and alone subtracts; `scores:write` adds for oneself. The
    verifier has made the subject canonical, as `user_id` is.
    """
    if Scope.BONUS in principal.scopes:
        return
    if Scope.WRITE not in principal.scopes:
        raise InsufficientScope(f"This needs the scope {Scope.WRITE}.")
    if principal.subject != user_id:
        raise InsufficientScope(f"Another user's score needs the scope {Scope.BONUS}.")
    if delta < 0:
        raise InsufficientScope(f"A negative delta needs the scope {Scope.BONUS}.")


def match_action(
    action: Action, *, user_id: UserId, delta: int, nonce: Nonce, board: Board
) -> None:
    """Raises the Action…Mismatch that applies first, or PolicyDenied."""
    if action.user_id != user_id:
        raise ActionUserMismatch
    if action.delta != delta:
        raise ActionDeltaMismatch
    if action.nonce != nonce:
        raise ActionNonceMismatch
    if action.board_id != board.board_id:
        raise ActionBoardMismatch
    _check_board(board, action.act, delta)


def authorize_grant(principal: Principal, board: Board, act: str, delta: int) -> None:
    """Raises InsufficientScope or PolicyDenied unless the action may be granted."""
    if Scope.GRANT not in principal.scopes:
        raise InsufficientScope(f"This needs the scope {Scope.GRANT}.")
    _check_board(board, act, delta)


def require_some_act(scopes: Set[str]) -> None:
    """Raises InsufficientScope unless there is some act that the bearer may do."""
    if not scopes & {Scope.BONUS, *_MODERATORS}:
        raise InsufficientScope(
            f"This needs the scope {Scope.MODERATOR} or {Scope.ADMIN}; "
            f"{Scope.BONUS} is enough for a bonus."
        )


def require_moderator(scopes: Set[str]) -> None:
    """Raises InsufficientScope unless the bearer may moderate, and read what is held of users."""
    if not scopes & _MODERATORS:
        raise InsufficientScope(f"This needs the scope {Scope.MODERATOR} or {Scope.ADMIN}.")


def require_admin(scopes: Set[str]) -> None:
    """Raises InsufficientScope unless the bearer may hand out and erase what is held of users."""
    if Scope.ADMIN not in scopes:
        raise InsufficientScope(f"This needs the scope {Scope.ADMIN}.")


def authorize_undoing(actor: Actor) -> None:
    """Raises InsufficientScope unless the actor may undo many events, or look at what that changes.

    Whoever is on the command line has the database itself.
    """
    if actor.origin != "cli":
        require_moderator(actor.scopes)


def authorize_act(scopes: Set[str], act: Act, board: Board) -> None:
    """Raises InsufficientScope or PolicyDenied unless the bearer may act so."""
    if act.kind is not ActKind.BONUS:
        require_moderator(scopes)
        return
    require_some_act(scopes)
    check_bonus(act, board)


def check_bonus(act: Act, board: Board) -> None:
    """Raises PolicyDenied where a bonus takes points, or is larger than the board admits."""
    if not 1 <= (act.delta or 0) <= board.max_delta:
        raise PolicyDenied(f"The board admits bonuses of 1 to {board.max_delta}.")


def _check_board(board: Board, act: str, delta: int) -> None:
    if not board.allows(act):
        raise PolicyDenied("The board does not know this action.")
    if not 1 <= abs(delta) <= board.max_delta:
        raise PolicyDenied(f"The board admits deltas of 1 to {board.max_delta}.")
