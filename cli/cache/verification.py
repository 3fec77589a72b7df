"""One board compared with the ledger, while both may move.

What differs at first sight is looked at again, fresh from both: a total that was on its way to
Redis is equal a moment later. What stays different while its version in PostgreSQL stands still
differs.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field

from cli.cache.stores import BATCH, Stores
from cli.output import CommandFailed
from cli.progress import Advance
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import TOTAL_BYTES, USER_BYTES
from scoreboard.ledger.totals import find_strangers, read_totals, scan_totals
from scoreboard.standings.comparison import Difference, Survey
from scoreboard.standings.epochs import EpochGone
from scoreboard.standings.packed import read_ahead

LOOK_S = 0.1
"""Pause before what differs is looked at again."""

SETTLE_S = 2.0
"""How long a total must differ while its version stands still: writers and relay need less."""

MOVING_S = 15.0
"""Longest that totals which never stand still are looked at."""

DIFFERENCES_MAX = 10_000
"""Where more users differ the search ends: a rebuild is due in any case."""

TRIES = 5
"""Epochs that may go away during the comparison."""

User = bytes
"""16 bytes of a UUID."""


@dataclass
class Findings:
    """What was found. `is_whole` is false where the search ended early."""

    board_id: BoardId
    state: str
    users: int = 0  # in PostgreSQL
    users_in_redis: int = 0
    is_whole: bool = True
    differing: dict[User, Difference] = field(default_factory=dict)
    unwritten: dict[User, bytes] = field(default_factory=dict)
    """Totals that Redis lacks or holds older, packed: writing them is enough."""

    @property
    def is_equal(self) -> bool:
        """Whether Redis holds exactly what PostgreSQL does, and readers may trust it."""
        return self.state == LIVE and not self.differing

    @property
    def can_be_written(self) -> bool:
        """Whether writing what is new mends it; else only a rebuild does."""
        return self.state == LIVE and self.is_whole and len(self.unwritten) == len(self.differing)


LIVE = "live"


async def verify_board(stores: Stores, board_id: BoardId, advance: Advance) -> Findings:
    """Compares the whole board. Raises CommandFailed where it is rebuilt again and again."""
    for _ in range(TRIES):
        survey = await stores.comparison.survey(board_id)
        if not survey.live:
            return Findings(board_id, _state(survey))
        try:
            return await _Comparing(stores, board_id, survey).run(advance)
        except EpochGone:
            continue
    raise CommandFailed(f"{board_id} was rebuilt {TRIES} times meanwhile. Verify it once it rests.")


def _state(survey: Survey) -> str:
    if not survey.live:
        return "being built" if survey.building else "absent"
    if not survey.is_of_this_start:
        return "of another start of Redis"
    return LIVE if survey.is_complete else "incomplete"


class _Comparing:
    def __init__(self, stores: Stores, board_id: BoardId, survey: Survey) -> None:
        self._stores = stores
        self._session = stores.session
        self._comparison = stores.comparison
        self._board_id = board_id
        self._epoch = survey.live
        self._found = Findings(board_id, _state(survey))
        self._suspects: dict[User, bytes] = {}

    async def run(self, advance: Advance) -> Findings:
        await self._compare_all(advance)
        await self._settle()
        survey = await self._comparison.survey(self._board_id)
        found = self._found
        found.users_in_redis = survey.users
        missing = sum(each is Difference.MISSING for each in found.differing.values())
        if found.is_whole and survey.users != found.users - missing:
            await self._find_extras()
        return found

    async def _compare_all(self, advance: Advance) -> None:
        slices = scan_totals(self._session, self._board_id, BATCH)
        async with aclosing(read_ahead(slices)) as ahead:
            async for packed in ahead:
                differing = await self._comparison.compare(self._board_id, self._epoch, packed)
                self._suspects.update({total[:USER_BYTES]: total for total, _ in differing})
                users = len(packed) // TOTAL_BYTES
                self._found.users += users
                advance(users)
                if len(self._suspects) + len(self._found.differing) > DIFFERENCES_MAX:
                    await self._settle()
                if len(self._found.differing) > DIFFERENCES_MAX:
                    self._found.is_whole = False
                    return

    async def _settle(self) -> None:
        """Moves to the findings what differs for good; nothing is suspected any more then."""
        clock = asyncio.get_running_loop()
        ends_s = clock.time() + MOVING_S
        still_since_s = dict.fromkeys(self._suspects, clock.time())
        while self._suspects:
            await asyncio.sleep(LOOK_S)
            fresh = await read_totals(self._session, self._board_id, list(self._suspects))
            differing = await self._comparison.compare(self._board_id, self._epoch, fresh)
            before, self._suspects = self._suspects, {}
            now_s = clock.time()
            for total, difference in differing:
                user = total[:USER_BYTES]
                if total != before[user]:
                    still_since_s[user] = now_s
                if now_s - still_since_s[user] < SETTLE_S and now_s < ends_s:
                    self._suspects[user] = total
                else:
                    self._note(user, difference, total)

    def _note(self, user: User, difference: Difference, total: bytes) -> None:
        self._found.differing[user] = difference
        if difference in {Difference.MISSING, Difference.OLDER}:
            self._found.unwritten[user] = total

    async def _find_extras(self) -> None:
        """Whoever is in Redis was committed before, so PostgreSQL knows him if he is real."""
        async for users in self._comparison.list_users(self._board_id, self._epoch):
            for user in await find_strangers(self._session, self._board_id, users):
                self._found.differing[user] = Difference.EXTRA
            if len(self._found.differing) > DIFFERENCES_MAX:
                self._found.is_whole = False
                return
