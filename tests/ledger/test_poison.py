"""An item that cannot be stored does not fail those beside it."""

from __future__ import annotations

import pytest

from scoreboard.domain.errors import Internal
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.increments import Outcome, Verdict
from scoreboard.ledger.writer import LedgerWriter
from tests.checker import check_invariants
from tests.harness import new_user
from tests.ledger.increments import Draft, apply_one

POISON = [
    pytest.param(Draft(board_id=BoardId("nowhere")), id="unknown board"),
    pytest.param(Draft(delta=2**63), id="delta beyond 64 bits"),
    pytest.param(Draft(delta=2**63 - 1), id="sum beyond 64 bits"),
    pytest.param(Draft(delta=0), id="no delta"),
    pytest.param(Draft(actor="a\x00b"), id="text with NUL"),
    pytest.param(Draft(actor="\ud800"), id="lone surrogate"),
    pytest.param(Draft(user_id=UserId("nobody")), id="no UUID"),
    pytest.param(Draft(life_s=10**15), id="a time that is none"),
]


@pytest.mark.parametrize("poison", POISON)
async def test_a_poison_item_alone_is_refused(
    writer: LedgerWriter, poison: Draft, database_url: str
) -> None:
    if poison.delta == 2**63 - 1:
        await apply_one(writer, Draft(user_id=poison.user_id, delta=5))
    (answer,) = await writer.apply([poison.make()])
    assert isinstance(answer, Internal)
    await check_invariants(database_url)


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_a_poison_item_leaves_its_neighbours_applied_in_their_order(
    writer: LedgerWriter, place: int, database_url: str
) -> None:
    user_id = new_user()
    drafts = [Draft(user_id=user_id) for _ in range(6)]
    drafts.insert(place, Draft(board_id=BoardId("nowhere")))
    answers = await writer.apply([draft.make() for draft in drafts])
    assert isinstance(answers.pop(place), Internal)
    applied = [each for each in answers if isinstance(each, Verdict)]
    assert [each.outcome for each in applied] == [Outcome.APPLIED] * 6
    assert [each.version for each in applied] == list(range(1, 7))
    await check_invariants(database_url)


async def test_several_poison_items_are_each_refused(
    writer: LedgerWriter, database_url: str
) -> None:
    nowhere = BoardId("nowhere")
    drafts = [Draft(board_id=nowhere) if i % 3 == 0 else Draft() for i in range(20)]
    answers = await writer.apply([draft.make() for draft in drafts])
    assert [isinstance(answer, Internal) for answer in answers] == [i % 3 == 0 for i in range(20)]
    await check_invariants(database_url)
