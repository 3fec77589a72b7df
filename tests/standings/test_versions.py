"""An older total never replaces a newer one, in whatever order and however often they arrive."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.standings import Total
from scoreboard.standings.store import Standings
from tests.standings.boards import Model, open_board, total, user

USERS = 5


@dataclass(frozen=True)
class Change:
    """One event of a history: who, and by how much."""

    user: int
    delta: int


histories = st.lists(
    st.builds(Change, user=st.integers(0, USERS - 1), delta=st.integers(-2, 2)), max_size=30
)


def replay(board_id: BoardId, history: list[Change]) -> list[Total]:
    """The total after each event."""
    latest: dict[UserId, Total] = {}
    totals = []
    for event_id, change in enumerate(history, start=1):
        who = user(change.user)
        known = latest.get(who)
        score, version = (known.score, known.version) if known else (0, 0)
        latest[who] = total(board_id, who, score + change.delta, version + 1, event_id)
        totals.append(latest[who])
    return totals


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories, order=st.randoms(use_true_random=False), size=st.integers(1, 7))
async def test_any_order_repetition_and_batching_leads_to_the_newest_totals(
    standings: Standings,
    others: Standings,
    history: list[Change],
    order: random.Random,
    size: int,
) -> None:
    board_id = await open_board(standings)
    totals = replay(board_id, history)
    arriving = totals + order.choices(totals, k=len(totals) // 2) if totals else []
    order.shuffle(arriving)
    model = Model()
    for start in range(0, len(arriving), size):
        # Each user once, as everybody calls it: the newest of what came together.
        batch = Model(arriving[start : start + size]).totals()
        ranks = await order.choice([standings, others]).apply(board_id, batch)
        for each in batch:
            model.apply(each)
        assert ranks == [model.rank(each.user_id) for each in batch]
    await model.check(standings, board_id)
    await Model(totals).check(others, board_id)


async def test_a_late_update_leaves_the_newer_one(standings: Standings, others: Standings) -> None:
    board_id = await open_board(standings)
    newer = total(board_id, user(1), 60, version=6)
    assert await standings.apply(board_id, [newer]) == [1]
    assert await others.apply(board_id, [total(board_id, user(1), 50, version=5)]) == [1]
    await Model([newer]).check(standings, board_id)
