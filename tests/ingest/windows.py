"""Acts about many events among the steps of a scenario."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import strategies as st

from scoreboard.domain.errors import Refusal
from scoreboard.domain.identifiers import BoardId, UserId
from scoreboard.domain.windows import Extent, ManyAct, VoidedBy, Window
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.previews import Previews
from scoreboard.ledger.runs import Runs
from scoreboard.moderation.undoing import Undoing
from scoreboard.settings import Settings
from scoreboard.stores import Stores
from tests.ledger.acts import MODERATOR


@dataclass(frozen=True)
class WindowStep:
    """The void of a window, or the restore of what the step at some place before it voided.

    It is carried out in slices of `events` among `looked_at`, and perhaps by two at once.
    """

    restores: int | None
    user: int | None
    action: str | None
    events: int
    looked_at: int
    is_shared: bool
    delay: int


def window_steps(users: int) -> st.SearchStrategy[list[WindowStep]]:
    """A few of them."""
    step = st.builds(
        WindowStep,
        restores=st.none() | st.integers(0, 3),
        user=st.none() | st.integers(0, users - 1),
        action=st.sampled_from([None, "win", "bonus"]),
        events=st.integers(1, 4),
        looked_at=st.integers(4, 20),
        is_shared=st.booleans(),
        delay=st.integers(0, 30),
    )
    return st.lists(step, max_size=4)


class Windows:
    """Carries them out on one board."""

    def __init__(self, opened: Stores, values: Settings, board_id: BoardId) -> None:
        self._board_id = board_id
        self._runs = Runs(opened.database.write)
        self._undoing = Undoing(
            Previews(values).preview, ActLedger(opened.database.write), self._runs
        )
        self._begun: list[int] = []

    async def carry_out(self, users: list[UserId], step: WindowStep) -> None:
        """From begin to end; nothing where it is refused, since there is nothing to undo."""
        for _ in range(step.delay):
            await asyncio.sleep(0)
        asked = ManyAct(self._extent(users, step), "a reason")
        try:
            state, _ = await self._undoing.begin(asked, MODERATOR)
        except Refusal:
            return
        self._begun.append(state.act_id)
        hands = 2 if step.is_shared else 1
        await asyncio.gather(*(self._run(state.act_id, step) for _ in range(hands)))
        left = await self._undoing.state(state.act_id)
        assert left is not None
        assert left.finished_at is not None

    def _extent(self, users: list[UserId], step: WindowStep) -> Extent:
        if step.restores is not None and self._begun:
            return VoidedBy(self._board_id, self._begun[step.restores % len(self._begun)])
        user_id = None if step.user is None else users[step.user]
        return Window(self._board_id, user_id=user_id, action=step.action)

    async def _run(self, act_id: int, step: WindowStep) -> None:
        """Until it is finished, by whomever: whoever finds another at it tries again."""
        while True:
            part = await self._runs.run_slice(act_id, step.events, step.looked_at)
            state = await self._runs.read(act_id)
            assert state is not None
            if state.finished_at is not None or (part is not None and part.is_finished):
                return
            await asyncio.sleep(0)
