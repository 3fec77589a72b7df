"""What a WebSocket's client says, message by message: aiohttp's parser without its queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from aiohttp import WSMessage
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.http_websocket import WebSocketReader


class Inbox(WebSocketDataQueue):
    """Hands each message on at once, so that nothing is kept here and no task waits for it."""

    __slots__ = ("_fail", "_take")
    _size = _limit = 0

    def __init__(
        self, take: Callable[[WSMessage], None], fail: Callable[[BaseException], None]
    ) -> None:
        # The queue's own beginning is left out: it would be a kilobyte for what stays empty.
        self._take = take
        self._fail = fail

    def feed_data(self, data: object, size: int) -> None:
        """One whole message; its text is decoded."""
        self._take(cast("WSMessage", data))

    def set_exception(self, exc: BaseException, exc_cause: object = None) -> None:
        """What came was no WebSocket message; nothing further is read."""
        self._fail(exc)


def read_messages(
    size_max: int, take: Callable[[WSMessage], None], fail: Callable[[BaseException], None]
) -> Callable[[bytes], object]:
    """Takes bytes as they come; `take` gets each message of at most so many bytes."""
    # aiohttp refuses what is as large as its limit, this service what is larger than its own.
    reader = WebSocketReader(Inbox(take, fail), size_max + 1, compress=False, decode_text=True)
    return reader.feed_data
