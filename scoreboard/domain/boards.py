"""A board and its limits."""

from __future__ import annotations

from msgspec import Struct

from scoreboard.domain.identifiers import BoardId


class Board(Struct, frozen=True):
    """One board's rules. `allowed_actions` None admits every action."""

    board_id: BoardId
    max_delta: int
    min_score: int
    max_score: int
    allowed_actions: frozenset[str] | None = None

    def allows(self, action: str) -> bool:
        """Whether the action may be granted and redeemed on this board."""
        return self.allowed_actions is None or action in self.allowed_actions
