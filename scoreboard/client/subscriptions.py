"""The views that one client shows, and what has to be asked of the service for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scoreboard.client.frames import (
    MAIN_BOARD,
    TOP,
    USERS,
    Delta,
    Snapshot,
    Subscribe,
    ViewFrame,
    is_own,
)
from scoreboard.client.views import Verdict, ViewState

NAMED_MAX = 8
"""Views that the address of a connection may name."""

ANSWER_MAX_S = 5.0
"""A question that was not answered for so long is asked again."""

ViewKey = tuple[str, str]
"""A board and a view of it."""


class Subscription:
    """A view that is shown: `is_asked` on this connection; None where no answer is owed."""

    __slots__ = ("is_asked", "owed_since_s", "state")

    def __init__(self, state: ViewState) -> None:
        self.state = state
        self.is_asked = False
        self.owed_since_s: float | None = None

    def ask(self, now_s: float, *, anew: bool = False) -> Subscribe:
        """The frame that subscribes, from what is known on unless `anew`."""
        self.is_asked, self.owed_since_s = True, now_s
        state = self.state
        epoch, version = (None, None) if anew or state.position is None else state.position
        users = state.users if state.view == USERS else None
        return Subscribe(state.view, state.board, epoch, version, users)

    def take(self, frame: ViewFrame, now_s: float) -> tuple[Verdict, Subscribe | None]:
        """Applies a frame; what has to be said about it, if anything.

        A question is asked once: what comes before its answer cannot fit either.
        """
        verdict = self.state.apply(frame)
        if verdict in {Verdict.RESUME, Verdict.RESTART}:
            if self.owed_since_s is not None and now_s < self.owed_since_s + ANSWER_MAX_S:
                return verdict, None
            return verdict, self.ask(now_s, anew=verdict is Verdict.RESTART)
        if verdict is Verdict.CHANGED or _answers(frame):
            self.owed_since_s = None
        return verdict, None


class Subscriptions:
    """All of them, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._by_key: dict[ViewKey, Subscription] = {}
        self._named: tuple[ViewKey, ...] = ()

    def __iter__(self) -> Iterator[Subscription]:
        return iter(self._by_key.values())

    @property
    def has_own(self) -> bool:
        """Whether any of them is of the client's own user."""
        return any(is_own(view) for _, view in self._by_key)

    def add(self, view: str, board: str, users: Iterable[str]) -> Subscription:
        """Shows a view from now on; of one that is there already, `users` are replaced."""
        found = self._by_key.get((board, view))
        if found is None:
            found = Subscription(ViewState(view, board, users))
            self._by_key[board, view] = found
        else:
            found.is_asked = False
            found.state.name(users)
        return found

    def remove(self, view: str, board: str) -> Subscription | None:
        """Shows it no more; None where it was not shown."""
        return self._by_key.pop((board, view), None)

    def find(self, frame: ViewFrame) -> Subscription | None:
        """Whose frame it is; None where it is not shown any more."""
        return self._by_key.get((frame.board, frame.view))

    def name(self) -> tuple[str, tuple[str, ...]]:
        """(board, views) for the address of the next connection; the others follow as frames."""
        board = next((board for board, _ in self._by_key), MAIN_BOARD)
        fresh = (
            key
            for key, each in self._by_key.items()
            if key[0] == board and key[1].startswith(TOP) and each.state.position is None
        )
        self._named = tuple(fresh)[:NAMED_MAX]
        return board, tuple(view for _, view in self._named)

    def begin(self, now_s: float) -> None:
        """A new connection, which was asked for nothing but what its address named."""
        for key, each in self._by_key.items():
            each.is_asked = key in self._named
            each.owed_since_s = now_s if each.is_asked else None
        self._named = ()

    def ask_missing(self, now_s: float, *, with_own: bool) -> list[Subscribe]:
        """The frames that subscribe to what was not asked for yet."""
        return [
            each.ask(now_s)
            for each in self
            if not each.is_asked and (with_own or not is_own(each.state.view))
        ]

    def fail(self, view: str | None) -> None:
        """The service could not take a subscription; None where it did not say which."""
        for each in self:
            if each.owed_since_s is not None and view in {None, each.state.view}:
                each.is_asked, each.owed_since_s = False, None


def _answers(frame: ViewFrame) -> bool:
    """Whether the frame is what a subscription is answered with, though nothing changed by it."""
    return (
        isinstance(frame, Snapshot) or not isinstance(frame, Delta) or frame.base == frame.version
    )
