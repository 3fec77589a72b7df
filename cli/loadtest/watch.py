"""Watchers: WebSocket clients that see how long an increment takes to reach a screen.

Every time is read from the generator's own clock, so no clock needs to agree with another. The
commit lies somewhere between the sending of an increment and its answer; what is measured are the
times from both to the first list that shows it. The commit → screen time lies between them.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Reversible
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from cli.loadtest.plan import Plan
from cli.loadtest.tally import Tally, note
from cli.loadtest.workload import Job
from cli.output import CommandFailed
from scoreboard.domain.frames import TOP_VIEWS
from scoreboard.domain.identifiers import UserId

if TYPE_CHECKING:  # most load has no watchers
    from scoreboard.client import LiveState

EVERY_S = 0.02
"""One increment of so many seconds is followed: all of them would cost more than the load."""

SEEN_TIMEOUT_S = 10.0
READY_TIMEOUT_S = 30.0
HISTORY_MAX = 128


class Receipt(msgspec.Struct, frozen=True):
    """What is read of an increment's answer."""

    score: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A list as it was on a screen. `lowest` is the score below which nobody is on it."""

    scores: dict[str, int]
    lowest: float

    def has(self, user_id: UserId, score: int) -> bool:
        """Whether the list shows that the user reached the score."""
        return self.scores.get(user_id, -1) >= score


Received = tuple[float, Shown]
"""When a list came, on the monotonic clock, and what it shows."""


def received_since(history: Reversible[Received], since_s: float) -> list[Received]:
    """What came since then, in its order; what came before is not looked at."""
    found: list[Received] = []
    for each in reversed(history):
        if each[0] < since_s:
            break
        found.append(each)
    found.reverse()
    return found


@dataclass(slots=True)
class Screen:
    """One watcher: the lists it has lately received, and when."""

    history: deque[Received] = field(default_factory=lambda: deque(maxlen=HISTORY_MAX))


@dataclass(slots=True)
class Followed:
    """An increment on its way to the screens that `waiting` holds by their numbers."""

    user_id: UserId
    score: int
    sent_s: float
    answered_s: float
    waiting: set[int]


class Watch:
    """All watchers of one process."""

    def __init__(self, plan: Plan, tally: Tally) -> None:
        self._plan = plan
        self._tally = tally
        self._screens = [Screen() for _ in range(plan.watchers)]
        self._blank = plan.watchers
        self._size = TOP_VIEWS[plan.view]
        self._ready = asyncio.Event()
        self._refusal = ""
        self._followed: list[Followed] = []
        self._next_s = 0.0
        self._last_key: tuple[str | None, int | None] = (None, None)
        self._last_shown = Shown({}, float("-inf"))

    async def run(self) -> None:
        """Watches until cancelled; lost connections come back. Raises CommandFailed."""
        if not self._screens:
            self._ready.set()
            return
        from cli.live import follow  # noqa: PLC0415 - most load has no watchers
        from cli.loadtest.session import open_session  # noqa: PLC0415

        plan = self._plan
        async with open_session(plan.target) as session, asyncio.TaskGroup() as tasks:
            for number in range(len(self._screens)):
                show: Callable[[LiveState], None] = partial(self.show, number)
                following = follow(
                    session, plan.target.url, plan.board, plan.view, show, self._interrupt
                )
                tasks.create_task(following)

    async def wait_until_ready(self) -> None:
        """Returns once every screen shows a list. Raises CommandFailed where one cannot."""
        reason = f"no list came within {READY_TIMEOUT_S:.0f} s"
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self._ready.wait()
            reason = self._refusal
        if reason:
            raise CommandFailed(
                f"{len(self._screens)} watchers cannot watch: {reason}. Choose fewer with "
                "--watchers, or raise SCOREBOARD_WEBSOCKET_MAX_PER_IP on the service."
            )

    def show(self, number: int, state: LiveState) -> None:
        """A screen has received a list."""
        if not state.is_known:
            return
        now_s = time.monotonic()
        shown = self._understand(state)
        screen = self._screens[number]
        if not screen.history:
            self._blank -= 1
            if self._blank == 0:
                self._ready.set()
        screen.history.append((now_s, shown))
        for each in self._followed:
            if number in each.waiting:
                self._compare(each, number, shown, now_s)

    def acknowledge(self, job: Job, body: bytes, answered_s: float) -> None:
        """An increment is answered: some are followed to the screens."""
        if not self._screens or answered_s < self._next_s:
            return
        try:
            score = msgspec.json.decode(body, type=Receipt).score
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        assert job.user_id is not None
        if score <= self._last_shown.lowest:
            return  # no list will show it
        self._next_s = answered_s + EVERY_S
        everyone = set(range(len(self._screens)))
        followed = Followed(job.user_id, score, job.sent_s, answered_s, everyone)
        for number, screen in enumerate(self._screens):
            # The list may have come before the answer.
            for received_s, shown in received_since(screen.history, job.sent_s):
                if number in followed.waiting:
                    self._compare(followed, number, shown, received_s)
        if followed.waiting:
            self._followed.append(followed)

    def sweep(self) -> None:
        """Gives up increments that some screens have not shown for long."""
        oldest_s = time.monotonic() - SEEN_TIMEOUT_S
        for each in self._followed:
            if each.answered_s < oldest_s:
                self._tally.now.unseen += len(each.waiting)
                each.waiting.clear()
        self._followed = [each for each in self._followed if each.waiting]

    def _compare(self, followed: Followed, number: int, shown: Shown, received_s: float) -> None:
        if shown.has(followed.user_id, followed.score):
            followed.waiting.discard(number)
            note(self._tally.now.send_to_screen, received_s - followed.sent_s)
            note(self._tally.now.answer_to_screen, received_s - followed.answered_s)
        elif followed.score <= shown.lowest and received_s >= followed.answered_s:
            followed.waiting.discard(number)  # others have overtaken it: no list will show it

    def _understand(self, state: LiveState) -> Shown:
        """The same for every screen that shows this version."""
        key = (state.shown.epoch, state.version)
        if key != self._last_key:
            scores = {each.user_id: each.score for each in state.entries}
            is_full = len(scores) >= self._size
            lowest = min(scores.values()) if is_full else float("-inf")
            self._last_key, self._last_shown = key, Shown(scores, lowest)
        return self._last_shown

    def _interrupt(self, reason: str, _pause_s: float) -> None:
        if self._ready.is_set():
            self._tally.now.lost_watchers += 1
        else:
            self._refusal = reason
            self._ready.set()
