"""Who stands next to a user, as the ledger tells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.domain.standings import Entry, Neighbours, Total
from scoreboard.ledger.database import Database
from scoreboard.ledger.reader import COUNTED_MAX, WINDOWS, LedgerReader
from tests.checker import Connection
from tests.standings.boards import Model, crowds, total, user

STRANGER = user(999_999)
OTHER = BoardId("other")
WRITE = """
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT *, now() FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])"""
FILL = """
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT $1, gen_random_uuid(), n % 100, 1, n, now() FROM generate_series(1, $2::bigint) AS n"""


@pytest.fixture
def ledger(database: Database) -> LedgerReader:
    """Return a reader of the ledger."""
    return LedgerReader(database)


async def write(owner: Connection, totals: Sequence[Total]) -> None:
    """Makes these the only totals."""
    await owner.execute("DELETE FROM user_scores")
    rows = [
        (each.board_id, each.user_id, each.score, each.version, each.reached) for each in totals
    ]
    await owner.execute(WRITE, *map(list, zip(*rows, strict=True)))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(crowd=crowds, radius=st.integers(0, 6))
async def test_neighbours_are_those_of_the_model_with_their_ranks(
    ledger: LedgerReader, owner: Connection, crowd: list[tuple[int, int]], radius: int
) -> None:
    totals = [
        total(MAIN_BOARD, user(number), score, reached=reached)
        for number, (score, reached) in enumerate(crowd)
    ]
    await write(owner, totals)
    users = [STRANGER, *(each.user_id for each in totals)]
    model = Model(totals)
    expected = [model.neighbours(each, radius) for each in users]
    # Together, where windows overlap, and one alone.
    assert await ledger.read_neighbours(MAIN_BOARD, users, radius) == expected
    assert await ledger.read_neighbours(MAIN_BOARD, users[-1:], radius) == expected[-1:]


async def test_at_the_top_nobody_is_above_and_at_the_bottom_nobody_below(
    ledger: LedgerReader, owner: Connection
) -> None:
    scores = [MAX_SCORE, 5, 3, 0, -MAX_SCORE]
    await write(owner, [total(MAIN_BOARD, user(n), score) for n, score in enumerate(scores)])
    top, bottom = await ledger.read_neighbours(MAIN_BOARD, [user(0), user(4)], 2)
    assert top == Neighbours(tuple(Entry(user(n), scores[n], n + 1) for n in (0, 1, 2)), 5)
    assert bottom == Neighbours(tuple(Entry(user(n), scores[n], n + 1) for n in (2, 3, 4)), 5)


async def test_a_user_without_a_score_has_no_neighbours(ledger: LedgerReader) -> None:
    assert await ledger.read_neighbours(MAIN_BOARD, [STRANGER], 5) == [None]
    assert await ledger.read_neighbours(MAIN_BOARD, [], 5) == []


async def test_users_of_another_board_are_no_neighbours(
    ledger: LedgerReader, owner: Connection
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", OTHER)
    others = [  # above and below, and with the same score earlier and later
        total(OTHER, user(number), score, reached=reached)
        for number, (score, reached) in enumerate([(9, 1), (5, 2), (5, 4), (1, 5)], start=2)
    ]
    await write(owner, [total(MAIN_BOARD, user(1), 5, reached=3), *others])
    alone = Neighbours((Entry(user(1), 5, 1),), 1)
    assert await ledger.read_neighbours(MAIN_BOARD, [user(1), user(2)], 5) == [alone, None]


async def test_more_users_than_one_statement_takes_are_answered_in_order(
    ledger: LedgerReader, owner: Connection
) -> None:
    totals = [
        total(MAIN_BOARD, user(number), number % 7, reached=number + 1)
        for number in range(WINDOWS + 1)
    ]
    await write(owner, totals)
    users = [each.user_id for each in totals]
    model = Model(totals)
    found = await ledger.read_neighbours(MAIN_BOARD, users, 1)
    assert found == [model.neighbours(each, 1) for each in users]


async def test_users_are_counted_as_long_as_they_are_few(
    ledger: LedgerReader, owner: Connection
) -> None:
    await owner.execute(FILL, MAIN_BOARD, 2 * COUNTED_MAX)
    await owner.execute("VACUUM (ANALYZE) user_scores")
    await owner.execute("DELETE FROM user_scores WHERE reached > $1", COUNTED_MAX)
    assert await ledger.count_users(MAIN_BOARD) == COUNTED_MAX
    assert await ledger.count_users(OTHER) == 0


async def test_many_users_are_estimated(ledger: LedgerReader, owner: Connection) -> None:
    await owner.execute(FILL, MAIN_BOARD, 3 * COUNTED_MAX)
    await owner.execute("VACUUM (ANALYZE) user_scores")
    assert await ledger.count_users(MAIN_BOARD) == 3 * COUNTED_MAX


async def test_nobody_stands_below_the_number_of_users_while_statistics_are_behind(
    ledger: LedgerReader, owner: Connection
) -> None:
    await owner.execute("INSERT INTO boards (board_id) VALUES ($1)", OTHER)
    await owner.execute(FILL, OTHER, COUNTED_MAX)
    await owner.execute("VACUUM (ANALYZE) user_scores")
    await owner.execute(FILL, MAIN_BOARD, 2 * COUNTED_MAX)
    await owner.execute(WRITE, [MAIN_BOARD], [user(1)], [-1], [1], [10**9])
    (lowest,) = await ledger.read_neighbours(MAIN_BOARD, [user(1)], 1)
    assert lowest is not None
    assert lowest.entries[-1] == Entry(user(1), -1, 2 * COUNTED_MAX + 1)
    assert lowest.of == 2 * COUNTED_MAX + 1
