"""Increments as the tests of the ledger make them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, Nonce, UserId
from scoreboard.domain.increments import Increment, Outcome, Verdict
from scoreboard.ledger.writer import LedgerWriter, _columns
from tests.harness import new_user

LIFE_S = 60


def new_nonce() -> Nonce:
    """A nonce that nobody has used."""
    return Nonce(secrets.token_urlsafe(16))


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An increment of which a test names only what it is about."""

    user_id: UserId = field(default_factory=new_user)
    delta: int = 1
    nonce: Nonce = field(default_factory=new_nonce)
    board_id: BoardId = MAIN_BOARD
    life_s: int = LIFE_S
    expected_version: int | None = None
    token: bytes = b"a token"
    actor: str = "a player"

    def make(self) -> Increment:
        """The increment."""
        return Increment(
            board_id=self.board_id,
            user_id=self.user_id,
            delta=self.delta,
            nonce=self.nonce,
            kid="a key",
            source="win",
            actor=self.actor,
            token=self.token,
            expires_at_s=int(time.time()) + self.life_s,
            expected_version=self.expected_version,
        )


async def apply(writer: LedgerWriter, *drafts: Draft) -> list[Verdict]:
    """The verdicts of one batch in which no item is refused by the database."""
    answers = await writer.apply([draft.make() for draft in drafts])
    verdicts = [answer for answer in answers if isinstance(answer, Verdict)]
    assert len(verdicts) == len(drafts), answers
    return verdicts


async def apply_one(writer: LedgerWriter, draft: Draft) -> Verdict:
    """The verdict of a batch of one."""
    return (await apply(writer, draft))[0]


def outcomes(verdicts: list[Verdict]) -> list[Outcome]:
    """What became of each."""
    return [verdict.outcome for verdict in verdicts]


def scores(verdicts: list[Verdict]) -> list[tuple[int | None, int | None]]:
    """(score, version) of each."""
    return [(verdict.score, verdict.version) for verdict in verdicts]


def columns(*drafts: Draft) -> tuple[list[object], ...]:
    """The statement's arguments."""
    return _columns([draft.make() for draft in drafts])
