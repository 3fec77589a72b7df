"""Live boards: views that follow the service over `/ws`, whatever happens to the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

import aiohttp

from scoreboard.client.conversation import Conversation
from scoreboard.client.following import Following
from scoreboard.client.frames import MAIN_BOARD, USERS, is_own
from scoreboard.client.policy import LONGEST_S, Comeback
from scoreboard.client.states import Interruption, LiveState
from scoreboard.client.tokens import Token
from scoreboard.client.views import ViewState


class LiveBoard:
    """Shows views of one service. Use `async with` and iterate over it, or `run` with callbacks.

    Iterated over it gives each view whenever the view or its connection changed; a slow reader
    gets the latest state, never those in between. It comes back after a lost connection, goes on
    from where it was, and ends with LiveEnded where that would be of no use.
    """

    def __init__(
        self,
        base_url: str,
        *views: str,
        board: str = MAIN_BOARD,
        users: Iterable[str] = (),
        token: Token | None = None,
        session: aiohttp.ClientSession | None = None,
        pause_max_s: float = LONGEST_S,
    ) -> None:
        """`users` are whom the view `users` shows; `me` and `around:K` need a `token`.

        A session that is given is not closed here. `pause_max_s` bounds the waits before it
        comes back, unless the service names one.
        """
        self._token = token
        self._conversation = Conversation(Comeback(pause_max_s))
        self._following = Following(base_url, self._conversation, token, session)
        self._changed: dict[ViewState, None] = {}
        self._has_news = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        for view in views:
            self.show(view, board, users if view == USERS else ())

    def show(self, view: str, board: str = MAIN_BOARD, users: Iterable[str] = ()) -> None:
        """Shows one view more, at any time; of the view `users`, other users."""
        if is_own(view) and self._token is None:
            raise ValueError(f"The view {view} needs a token.")
        self._conversation.show(view, board, users)
        self._following.nudge()

    def hide(self, view: str, board: str = MAIN_BOARD) -> None:
        """Shows the view no more."""
        hidden = self._conversation.hide(view, board)
        self._changed = {each: None for each in self._changed if each is not hidden}
        self._following.nudge()

    def states(self) -> tuple[LiveState, ...]:
        """All views as they are now."""
        return tuple(map(self._describe, self._conversation.states))

    async def run(
        self,
        on_state: Callable[[LiveState], object],
        on_interruption: Callable[[Interruption], object] = lambda _: None,
    ) -> None:
        """Calls `on_state` with each view that changed, and with all when the connection is back.

        Until cancelled. Raises LiveEnded, NotAScoreboard, and what a source of tokens raises, but
        for OSError, TimeoutError and aiohttp.ClientError, which count as a failed connection.
        """

        def tell(changed: Sequence[ViewState]) -> None:
            for each in changed:
                on_state(self._describe(each))

        def tell_connection(interruption: Interruption | None) -> None:
            if interruption is None:
                tell([each for each in self._conversation.states if each.is_known])
            else:
                on_interruption(interruption)

        await self._following.run(tell, tell_connection)

    async def __aenter__(self) -> Self:
        running = self._following.run(self._note, self._note_connection)
        self._running = asyncio.create_task(running)
        self._running.add_done_callback(lambda _: self._has_news.set())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.wait([self._running])
        if not self._running.cancelled():
            self._running.exception()  # `__anext__` raises it

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveState:
        """The next view that changed. Raises as `run` does."""
        assert self._running is not None, "use `async with`"
        while not self._changed:
            if self._running.done():
                self._running.result()
            self._has_news.clear()
            await self._has_news.wait()
        changed = next(iter(self._changed))
        del self._changed[changed]
        return self._describe(changed)

    def _note(self, changed: Iterable[ViewState]) -> None:
        self._changed.update(dict.fromkeys(changed))
        self._has_news.set()

    def _note_connection(self, interruption: Interruption | None) -> None:
        states = self._conversation.states
        # The first connection is no news: there is nothing to show yet.
        self._note(each for each in states if interruption is not None or each.is_known)

    def _describe(self, state: ViewState) -> LiveState:
        return LiveState(
            state.view,
            state.board,
            state.shown,
            self._following.connection,
            self._conversation.is_stale,
        )
