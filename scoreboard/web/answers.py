"""Answers as bytes, for lanes: what aiohttp would write for the same response."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus

from scoreboard.web.problems import HOUSE_HEADERS

# Looked up, since an enum is slower to ask than all the rest is to put together.
_STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n" for each in HTTPStatus}
_HOUSE_LINES = "".join(f"{name}: {value}\r\n" for name, value in HOUSE_HEADERS.items())


class Answers:
    """Renders them; the `Date` is made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._date = ""

    def render(
        self, status: int, request_id: str, headers: Mapping[str, str], body: bytes
    ) -> bytes:
        """Head and body of an answer after which the connection goes on."""
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        return self.render_lines(status, request_id, lines, body)

    def render_lines(self, status: int, request_id: str, lines: str, body: bytes) -> bytes:
        """The same with headers that are written already, each with its end of line."""
        head = (
            f"{_STATUS_LINES[status]}X-Request-ID: {request_id}\r\n"
            f"{_HOUSE_LINES}{lines}Content-Length: {len(body)}\r\nDate: {self._now()}\r\n\r\n"
        )
        return head.encode("latin-1") + body

    def _now(self) -> str:
        """The present second (RFC 9110, 5.6.7)."""
        second = int(time.time())
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True)
        return self._date
