"""PostgreSQL packs totals just as Redis cuts them."""

from __future__ import annotations

import uuid

import pytest

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, user_id_bytes
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.domain.standings import Total
from scoreboard.ledger.totals import estimate_totals, find_strangers, read_totals, scan_totals
from scoreboard.standings.packed import unpack_totals
from tests.checker import Connection, connect
from tests.standings.boards import total, user

SCORES = (MAX_SCORE, -MAX_SCORE, MAX_SCORE - 1, 0, 1, -1, 7, 7)
INSERT = """INSERT INTO user_scores VALUES
            ($1, $2, $3, $4, $5, 'epoch'::timestamptz + $6 * interval '1 microsecond')"""


def totals_of(board_id: BoardId = MAIN_BOARD) -> list[Total]:
    """One total for each score, with versions and event ids of all sizes."""
    return [
        total(board_id, user(number), score, version=1 + 97**number, reached=1 + 131**number)
        for number, score in enumerate(SCORES)
    ]


async def store(owner: Connection, totals: list[Total]) -> None:
    """Writes totals that no event stands behind."""
    for each in totals:
        await owner.execute(
            INSERT,
            each.board_id,
            uuid.UUID(each.user_id),
            each.score,
            each.version,
            each.reached,
            each.updated_us,
        )


@pytest.mark.parametrize("batch", [1, 3, len(SCORES), 100])
async def test_a_scan_brings_each_total_once_and_exactly(database_url: str, batch: int) -> None:
    totals = totals_of()
    async with connect(database_url) as owner:
        await store(owner, totals)
        slices = [each async for each in scan_totals(owner, MAIN_BOARD, batch)]
    found = [each for packed in slices for each in unpack_totals(MAIN_BOARD, packed)]
    assert sorted(found, key=lambda each: each.user_id) == totals
    assert len(slices) == -(-len(totals) // batch)


async def test_a_scan_reaches_the_last_possible_user(database_url: str) -> None:
    last = str(uuid.UUID(int=2**128 - 1))
    async with connect(database_url) as owner:
        await owner.execute(INSERT, MAIN_BOARD, last, 5, 1, 1, 0)
        slices = [each async for each in scan_totals(owner, MAIN_BOARD, 1)]
    assert [each.user_id for each in unpack_totals(MAIN_BOARD, b"".join(slices))] == [last]


async def test_the_suspended_are_told_apart_by_a_scan_and_among_chosen_ones(
    database_url: str,
) -> None:
    async with connect(database_url) as owner:
        await store(owner, totals_of())
        await owner.execute(
            "UPDATE user_scores SET suspended_until = 'infinity' WHERE user_id = $1", user(2)
        )
        chosen = await read_totals(owner, MAIN_BOARD, [user_id_bytes(user(n)) for n in (2, 5)])
        scanned = [each async for each in scan_totals(owner, MAIN_BOARD, 9)]
    for packed in (chosen, b"".join(scanned)):
        found = unpack_totals(MAIN_BOARD, packed)
        assert {each.user_id for each in found if each.is_suspended} == {user(2)}
        assert {each.user_id for each in found if not each.is_suspended} >= {user(5)}


async def test_an_empty_board_has_nothing_to_scan(database_url: str) -> None:
    async with connect(database_url) as owner:
        assert [each async for each in scan_totals(owner, MAIN_BOARD, 9)] == []


async def test_chosen_totals_are_packed_alike_and_strangers_are_told(database_url: str) -> None:
    totals = totals_of()
    asked = [user_id_bytes(user(number)) for number in (2, 99, 5)]
    async with connect(database_url) as owner:
        await store(owner, totals)
        packed = await read_totals(owner, MAIN_BOARD, asked)
        strangers = await find_strangers(owner, MAIN_BOARD, asked)
        assert await read_totals(owner, BoardId("elsewhere"), asked) == b""
    found = unpack_totals(MAIN_BOARD, packed)
    assert sorted(found, key=lambda each: each.user_id) == [totals[2], totals[5]]
    assert strangers == [asked[1]]


async def test_the_number_of_users_is_estimated_for_the_board_alone(database_url: str) -> None:
    async with connect(database_url) as owner:
        await owner.execute("INSERT INTO boards (board_id) VALUES ('small')")
        for board_id, count in (("main", 900), ("small", 100)):
            await owner.execute(
                "INSERT INTO user_scores SELECT $1, gen_random_uuid(), n, 1, n, now()"
                " FROM generate_series(1, $2::int) AS n",
                board_id,
                count,
            )
        await owner.execute("ANALYZE user_scores")
        assert await estimate_totals(owner, BoardId("main")) == 900
        assert await estimate_totals(owner, BoardId("small")) == 100
