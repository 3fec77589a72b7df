"""Who a client is, over any number of connections. Pure; times are Unix seconds."""

from __future__ import annotations

from datetime import datetime

from scoreboard.client.errors import LiveEnded
from scoreboard.client.policy import TOKEN_EXPIRED

REFRESH_AT = 0.8
"""The part of a token's remaining life after which a newer one is asked for."""

AGAIN_S = 5.0
"""Shortest time between two questions for a newer token."""


class Identity:
    """The newest token, and when to ask for a newer one."""

    def __init__(self) -> None:
        self.token: str | None = None
        self._expires_s: float | None = None
        self._is_spent = False
        self.due_s: float | None = None
        """When to ask for a token; None: at once without one, never with one that is as good."""

    def is_due(self, now_s: float) -> bool:
        """Whether a token should be asked for now."""
        return self.token is None if self.due_s is None else now_s >= self.due_s

    def take(self, token: str, now_s: float) -> None:
        """Takes what the source gave: the old one again does no harm until the service says so.

        Raises LiveEnded afterwards. This machine's clock does not decide: it may be wrong.
        """
        if token != self.token:
            self.token, self._expires_s, self.due_s, self._is_spent = token, None, None, False
        elif self._is_spent:
            raise LiveEnded(close_code=TOKEN_EXPIRED)
        else:
            self._plan(now_s, now_s + AGAIN_S)

    def accept(self, expires_at: str, now_s: float) -> None:
        """The service has accepted the token, until a time in ISO 8601."""
        try:
            self._expires_s = datetime.fromisoformat(expires_at).timestamp()
        except ValueError:
            return  # the service ends the connection when the time has come
        self._plan(now_s, now_s)

    def expire(self, token: str | None, now_s: float) -> None:
        """The service says that this token has expired: nothing new where a newer one is there."""
        if token == self.token:
            self.due_s, self._is_spent = now_s, True

    def postpone(self, now_s: float) -> None:
        """The source could not be asked."""
        self.due_s = now_s + AGAIN_S

    def _plan(self, now_s: float, earliest_s: float) -> None:
        if self._expires_s is None:
            self.due_s = None
        else:
            self.due_s = max(earliest_s, now_s + (self._expires_s - now_s) * REFRESH_AT)
