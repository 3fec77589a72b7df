"""From a request with a verified bearer to a receipt: the whole way of one increment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import Struct

from scoreboard.auth.policy import match_action, require_scope_for
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.boards import Board
from scoreboard.domain.claims import Principal
from scoreboard.domain.errors import NonceReused, Refusal, StorageUnavailable
from scoreboard.domain.identifiers import Nonce, UserId
from scoreboard.domain.increments import Increment, Receipt
from scoreboard.ingest.group_commit import GroupCommit
from scoreboard.reads.standing import StandingReader
from scoreboard.standings.limits import Limit


class IncrementRequest(Struct, frozen=True):
    """What a client asks for, parsed and not yet believed."""

    user_id: UserId
    delta: int
    nonce: Nonce
    action_token: str
    expected_version: int | None


class Redemption:
    """Redeems granted actions."""

    def __init__(
        self,
        verifier: TokenVerifier,
        user_limit: Limit,
        commit: GroupCommit,
        standings: StandingReader,
        now_s: Callable[[], float],
    ) -> None:
        self._verifier = verifier
        self._user_limit = user_limit
        self._commit = commit
        self._standings = standings
        self._now_s = now_s

    def prove(self, principal: Principal, board: Board, request: IncrementRequest) -> Increment:
        """What the request asks for, proven; raises the first Refusal of the error table."""
        require_scope_for(principal, request.user_id, request.delta)
        action = self._verifier.verify_action(request.action_token, self._now_s())
        match_action(
            action,
            user_id=request.user_id,
            delta=request.delta,
            nonce=request.nonce,
            board=board,
        )
        self._user_limit.refuse_known(request.user_id)
        return Increment(
            board_id=board.board_id,
            user_id=request.user_id,
            delta=request.delta,
            nonce=request.nonce,
            kid=action.kid,
            source=action.act,
            actor=principal.subject,
            token=request.action_token.encode("ascii"),
            expires_at_s=action.expires_at_s,
            expected_version=request.expected_version,
        )

    @property
    def is_full(self) -> bool:
        """Whether `redeem` would raise Overloaded."""
        return self._commit.is_full

    def redeem(self, address: str, increment: Increment) -> asyncio.Future[Receipt]:
        """The receipt to be of the increment, which counts for `address` and its user.

        Raises Overloaded; what the receipt raises is told by `GroupCommit.submit`, and to be
        completed by `complete`.
        """
        return self._commit.submit(address, increment)

    async def complete(self, refusal: Refusal, increment: Increment) -> None:
        """A client whose answer was lost learns the present rank too, where it can be read."""
        if not isinstance(refusal, NonceReused) or not refusal.members["applied"]:
            return
        try:
            standing = await self._standings.read(increment.board_id, increment.user_id)
        except StorageUnavailable:
            return
        if standing is not None:
            refusal.members["rank"] = standing.rank
