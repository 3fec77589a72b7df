"""Versions of a top ten as the relay would publish them, made up beforehand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import encode_frame
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.domain.standings import Entry, rank_entries
from scoreboard.ledger.views import StoredView
from scoreboard.relay.views import view_message

VIEW, SIZE = "top:10", 10
EPOCH = "0123456789ab"
FIRST_VERSION = 1_000_000
"""All versions have as many digits, so all boards are of one length."""

TOP_SCORE, GAP, POINTS = 5_000_000, 100_000, 1
TURN, PAIR = 4, 4
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
TERM = 1

Board = tuple[Entry, ...]


def full_changes() -> Iterator[Board]:
    """From each board to the next everybody scores: a delta is as large as a board."""
    for number in count():
        yield rank_entries((user, score + number * POINTS) for user, score in _at_first())


def small_changes() -> Iterator[Board]:
    """From each board to the next the leader scores; every TURN-th time a pair changes places.

    So one row changes or two, which is what an increment does to a board that is not all ties.
    """
    rows = _at_first()
    for number in count(1):
        if number % TURN:
            user, score = rows[0]
            rows[0] = (user, score + POINTS)
        else:
            above, score = rows[PAIR]
            rows[PAIR : PAIR + 2] = [(rows[PAIR + 1][0], score + POINTS), (above, score)]
        yield rank_entries(rows)


def messages(boards: Iterator[Board], first_version: int = FIRST_VERSION) -> Iterator[ViewMessage]:
    """Each board as the next version of one view, as the bus carries it."""
    for version, board in enumerate(boards, start=first_version):
        at = BEGAN + timedelta(milliseconds=version)
        stored = StoredView(TERM, EPOCH, version, encode_frame(board), at)
        yield view_message(MAIN_BOARD, VIEW, stored, None)


def _at_first() -> list[tuple[UserId, int]]:
    return [
        (UserId(str(uuid.UUID(int=(place + 1) << 96))), TOP_SCORE - place * GAP)
        for place in range(SIZE)
    ]
