"""`scoreboard cache verify` on a board that moves just while it looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cli.cache.rebuild import rebuild_board
from cli.cache.stores import Stores
from cli.cache.verification import Findings, verify_board
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId, user_id_bytes
from scoreboard.ledger.session import open_session
from scoreboard.ledger.totals import read_totals
from scoreboard.standings.comparison import Difference, StandingsComparison
from scoreboard.standings.connection import RedisConnection
from scoreboard.standings.packed import unpack_totals
from scoreboard.standings.store import Standings
from tests.checker import PATIENCE_S, Connection, connect
from tests.harness import Backends
from tests.standings.boards import user
from tests.standings.conftest import opened

FILL = """INSERT INTO user_scores VALUES ('main', $1, 5, 1, $2, now())"""
CHANGE = "UPDATE user_scores SET score = score + 1, version = version + 1 WHERE user_id = $1"
USERS = 4


class Watched(StandingsComparison):
    """A comparison that tells when what differs was looked at twice more."""

    def __init__(self, connection: RedisConnection, prefix: str) -> None:
        super().__init__(connection, prefix)
        self.has_looked_thrice = asyncio.Event()
        self._looks = 0

    async def compare(
        self, board_id: BoardId, epoch: str, packed: bytes
    ) -> list[tuple[bytes, Difference]]:
        """The real one."""
        differing = await super().compare(board_id, epoch, packed)
        self._looks += 1
        if self._looks == 3:
            self.has_looked_thrice.set()
        return differing


@pytest.fixture
async def owner(backends: Backends) -> AsyncIterator[Connection]:
    """Return a connection to a ledger of some users."""
    async with connect(backends.database_url) as connection:
        for number in range(USERS):
            await connection.execute(FILL, user(number), number)
        yield connection


@pytest.fixture
async def stores(backends: Backends, owner: Connection) -> AsyncIterator[Stores]:
    """Return both stores with ranks that are live."""
    prefix = backends.redis_prefix
    async with (
        open_session(backends.database_url, "test") as session,
        opened(backends.redis_url) as redis,
    ):
        found = Stores(session, Standings(redis, prefix), Watched(redis, prefix))
        await rebuild_board(found, MAIN_BOARD)
        yield found


async def write(stores: Stores, owner: Connection, *numbers: int) -> None:
    """Brings these users to Redis, as whoever committed them would."""
    packed = await read_totals(owner, MAIN_BOARD, [user_id_bytes(user(each)) for each in numbers])
    await stores.standings.apply(MAIN_BOARD, unpack_totals(MAIN_BOARD, packed))


async def begin(stores: Stores) -> asyncio.Task[Findings]:
    """A verification that has looked at every user once."""
    has_looked = asyncio.Event()
    verifying = asyncio.create_task(verify_board(stores, MAIN_BOARD, lambda _: has_looked.set()))
    await has_looked.wait()
    return verifying


async def test_a_total_that_was_on_its_way_to_redis_is_no_difference(
    stores: Stores, owner: Connection
) -> None:
    await owner.execute(CHANGE, user(1))
    await owner.execute(FILL, user(9), 9)
    verifying = await begin(stores)
    assert isinstance(stores.comparison, Watched)
    async with asyncio.timeout(PATIENCE_S):
        await stores.comparison.has_looked_thrice.wait()
    await write(stores, owner, 1, 9)
    assert (await verifying).is_equal


async def test_a_total_that_redis_alone_was_told_of_is_no_difference_once_committed(
    stores: Stores, owner: Connection
) -> None:
    await owner.execute(CHANGE, user(1))
    await write(stores, owner, 1)
    await owner.execute("UPDATE user_scores SET version = 1, score = 5 WHERE version = 2")
    verifying = await begin(stores)
    await owner.execute(CHANGE, user(1))
    assert (await verifying).is_equal


async def test_what_stays_behind_is_a_difference_also_beside_what_moves(
    stores: Stores, owner: Connection
) -> None:
    for number in (1, 2):
        await owner.execute(CHANGE, user(number))
    verifying = await begin(stores)
    await owner.execute(CHANGE, user(1))
    await write(stores, owner, 1)
    found = await verifying
    assert found.differing == {user_id_bytes(user(2)): Difference.OLDER}
    assert found.can_be_written


async def test_a_new_user_behind_the_scan_is_no_stranger(stores: Stores, owner: Connection) -> None:
    verifying = await begin(stores)
    await owner.execute(FILL, "00000000-0000-0000-0000-000000000001", 9)
    packed = await read_totals(owner, MAIN_BOARD, [bytes(15) + b"\x01"])
    await stores.standings.apply(MAIN_BOARD, unpack_totals(MAIN_BOARD, packed))
    assert (await verifying).is_equal


async def test_a_board_that_is_rebuilt_meanwhile_is_compared_anew(
    stores: Stores, owner: Connection, backends: Backends
) -> None:
    await owner.execute(CHANGE, user(1))
    verifying = await begin(stores)  # looks again at the one that is behind
    async with (
        open_session(backends.database_url, "test") as session,
        opened(backends.redis_url) as redis,
    ):
        standings = Standings(redis, backends.redis_prefix)
        await rebuild_board(Stores(session, standings, stores.comparison), MAIN_BOARD)
    found = await verifying
    assert found.is_equal
    assert found.users == USERS
