"""What can go wrong, as types.

ClientError
├── Problem                 the service refused a request: one class per code, in problems.py
├── Unanswered              no answer came for so long that the client gave up
├── NotAScoreboard          whoever answers is no scoreboard
└── LiveEnded               a live board cannot go on
"""

from __future__ import annotations


class ClientError(Exception):
    """Whatever this client raises on its own account."""


class Unanswered(ClientError):
    """No answer came in time. Send the same request again later.

    `was_sent`: the last attempt reached the service, or may have; `was_lost`: any of them did, so
    that what was asked for may have been done.
    """

    def __init__(self, detail: str, *, was_sent: bool = True, retry_after_s: float = 0.0) -> None:
        super().__init__(detail)
        self.was_sent = was_sent
        self.was_lost = was_sent
        self.retry_after_s = retry_after_s


class NotAScoreboard(ClientError):
    """What answers at this address does not speak as a scoreboard does."""


class LiveEnded(ClientError):
    """The live board cannot go on: coming back would be of no use.

    One of them says why: `close_code` of the WebSocket, `status` of a refused handshake, or the
    `code` of an error that the service answered to what was asked for.
    """

    def __init__(
        self, *, close_code: int | None = None, status: int | None = None, code: str = ""
    ) -> None:
        reason = f"code {close_code}" if close_code else f"status {status}" if status else code
        super().__init__(f"the service ended it for good, with {reason}")
        self.close_code = close_code
        self.status = status
        self.code = code
