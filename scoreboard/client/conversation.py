"""One client's side of the protocol, over any number of connections. Pure: no I/O, no clock.

Whoever does the I/O tells what happened, sends what `take_frames` returns, and calls `tick` at
`due_s`. Times are Unix seconds. The protocol is docs/reference/realtime.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from scoreboard.client.errors import LiveEnded
from scoreboard.client.frames import (
    MAIN_BOARD,
    Authenticate,
    Authenticated,
    Bye,
    Failure,
    Frame,
    Said,
    Status,
    Unsubscribe,
    ViewFrame,
    read_frame,
)
from scoreboard.client.identity import Identity
from scoreboard.client.policy import TOKEN_EXPIRED, Comeback, Pause
from scoreboard.client.subscriptions import Subscriptions
from scoreboard.client.views import Verdict, ViewState

SILENCE_MAX_S = 60.0
"""More than two of the service's heartbeats: a connection that says less is dead."""

AGAIN_S = 1.0
"""Pause before a subscription is repeated that the service could not take just then."""

PASSING = frozenset({"overloaded", "rate_limited", "storage_unavailable", "internal"})
"""Errors after which the same subscription may succeed."""

_encode = msgspec.json.Encoder().encode


class Conversation:
    """Views, identity and the present connection of one client."""

    def __init__(
        self, comeback: Comeback | None = None, silence_max_s: float = SILENCE_MAX_S
    ) -> None:
        self.is_open = False
        self.is_stale = False
        """Whether the service has said that what it shows may be out of date."""
        self._views = Subscriptions()
        self._comeback = comeback or Comeback()
        self._silence_max_s = silence_max_s
        self._identity = Identity()
        self._sent_token: str | None = None
        self._held_token: str | None = None  # by which the service knows who this is
        self._frames: list[str] = []
        self._opened_s = self._heard_s = 0.0
        self._again_s: float | None = None

    @property
    def states(self) -> tuple[ViewState, ...]:
        """All views that are shown, in the order in which they were asked for."""
        return tuple(each.state for each in self._views)

    def show(self, view: str, board: str = MAIN_BOARD, users: Iterable[str] = ()) -> ViewState:
        """Shows a view from now on. Of one that is shown already, `users` are replaced."""
        state = self._views.add(view, board, users).state
        self._ask_missing()
        return state

    def hide(self, view: str, board: str = MAIN_BOARD) -> ViewState | None:
        """Shows the view no more; what it was, None where it was not shown."""
        found = self._views.remove(view, board)
        if found is None:
            return None
        if found.is_asked and self.is_open:
            self._say(Unsubscribe(view, board))
        return found.state

    def wants_token(self, now_s: float) -> bool:
        """Whether the source should be asked for a token now."""
        return self._views.has_own and self._identity.is_due(now_s)

    def give_token(self, token: str, now_s: float) -> None:
        """What the source gave. Raises LiveEnded where it is one that has expired."""
        self._identity.take(token, now_s)
        self._ask_missing()

    def lack_token(self, now_s: float) -> None:
        """The source could not be asked: it will be again."""
        self._identity.postpone(now_s)

    def name_views(self) -> tuple[str, tuple[str, ...]]:
        """(board, views) for the address of the next connection; the others follow as frames."""
        return self._views.name()

    def opened(self, now_s: float) -> None:
        """A connection is open, whose address named what `name_views` said."""
        self.is_open, self.is_stale = True, False
        self._opened_s = self._heard_s = now_s
        self._again_s = self._sent_token = self._held_token = None
        self._frames.clear()
        self._views.begin(now_s)
        self._ask_missing()

    def received(self, text: bytes, now_s: float) -> Sequence[ViewState]:
        """A frame has come; the views that changed. Raises LiveEnded, NotAScoreboard."""
        self._heard_s = now_s
        frame = read_frame(text)
        return self._apply(frame) if isinstance(frame, ViewFrame) else self._heed(frame, now_s)

    def closed(self, code: int | None, now_s: float) -> Pause:
        """The connection has ended, with a close code or None. Raises LiveEnded."""
        self.is_open = False
        if code == TOKEN_EXPIRED:
            self._identity.expire(self._held_token, now_s)
        return self._comeback.after_close(code, now_s - self._opened_s)

    def refused(self, status: int, retry_after_s: float = 0.0) -> Pause:
        """The handshake was answered with an HTTP status. Raises LiveEnded."""
        return self._comeback.after_refusal(status, retry_after_s)

    def unreachable(self) -> Pause:
        """The handshake was not answered."""
        return self._comeback.after_silence()

    def is_silent(self, now_s: float) -> bool:
        """Whether the connection should be given up."""
        return self.is_open and now_s >= self._heard_s + self._silence_max_s

    @property
    def due_s(self) -> float:
        """When, at the latest, to look at `is_silent` and `wants_token`, and to call `tick`."""
        times = [self._heard_s + self._silence_max_s]
        if self._views.has_own and self._identity.due_s is not None:
            times.append(self._identity.due_s)
        if self._again_s is not None:
            times.append(self._again_s)
        return min(times)

    def tick(self, now_s: float) -> None:
        """Time has passed."""
        if self._again_s is not None and now_s >= self._again_s:
            self._again_s = None
            self._ask_missing()

    def take_frames(self) -> Sequence[str]:
        """What has to be sent now, in this order."""
        if not self._frames:
            return ()
        taken, self._frames = self._frames, []
        return taken

    def _apply(self, frame: ViewFrame) -> Sequence[ViewState]:
        found = self._views.find(frame)
        if found is None:
            return ()
        verdict, question = found.take(frame, self._heard_s)
        if question is not None:
            self._say(question)
        return (found.state,) if verdict is Verdict.CHANGED else ()

    def _heed(self, frame: Frame | None, now_s: float) -> Sequence[ViewState]:
        if isinstance(frame, Status) and frame.stale != self.is_stale:
            self.is_stale = frame.stale
            return self.states
        if isinstance(frame, Authenticated):
            self._held_token = self._sent_token
            self._identity.accept(frame.expires_at, now_s)
        elif isinstance(frame, Bye):
            self._comeback.ask(frame.reconnect_in_ms)
        elif isinstance(frame, Failure):
            self._fail(frame, now_s)
        return ()

    def _fail(self, failure: Failure, now_s: float) -> None:
        if failure.code not in PASSING:
            raise LiveEnded(code=failure.code)
        self._views.fail(failure.view)
        self._again_s = now_s + AGAIN_S

    def _ask_missing(self) -> None:
        if not self.is_open or self._again_s is not None:
            return
        token = self._identity.token
        if self._views.has_own and token not in {None, self._sent_token}:
            assert token is not None
            self._sent_token = token
            self._held_token = self._held_token or token
            self._say(Authenticate(token))
        is_known = self._sent_token is not None
        for frame in self._views.ask_missing(self._heard_s, with_own=is_known):
            self._say(frame)

    def _say(self, frame: Said) -> None:
        self._frames.append(_encode(frame).decode())
