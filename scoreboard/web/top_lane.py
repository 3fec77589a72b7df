"""The express lane of GET /scores/top: a list that is known already is answered at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiohttp import HttpVersion11, hdrs
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from scoreboard.domain.identifiers import MAIN_BOARD, BoardId
from scoreboard.reads.boards import BoardDirectory
from scoreboard.reads.top import TOP_MAX, TopReader
from scoreboard.web.answers import Answers
from scoreboard.web.connection import Connection, Lane
from scoreboard.web.parsing import TOP_USUAL
from scoreboard.web.reception import Reception
from scoreboard.web.scores import top_headers

_TOP = re.compile(
    r"(?:/boards/([a-z0-9][a-z0-9_-]{0,63}))?/scores/top(?:\?limit=([1-9][0-9]?))?", re.ASCII
)
OK = 200


class TopLane:
    """Takes reads of tops that are fresh, by senders far from their limit."""

    def __init__(self, reception: Reception, tops: TopReader, boards: BoardDirectory) -> None:
        self._reception = reception
        self._tops = tops
        self._boards = boards
        self._answers = Answers()

    def take(
        self, connection: Connection, message: RawRequestMessage, payload: StreamReader
    ) -> bool:
        """Whether it is such a read; it is then answered."""
        headers, reception = message.headers, self._reception
        asked = self._asked(message)
        if (
            asked is None
            or payload.total_bytes
            or reception.is_full
            or hdrs.IF_NONE_MATCH in headers
            or hdrs.EXPECT in headers
        ):
            return False
        board_id, limit = asked
        top = self._tops.known(board_id)
        address = reception.client_address(connection.remote, headers)
        if top is None or not reception.ip_limiter.count_read(address):
            return False
        body, digest = top.document(limit)
        request_id = reception.request_id(headers)
        connection.answer(self._answers.render(OK, request_id, top_headers(digest), body))
        return True

    def _asked(self, message: RawRequestMessage) -> tuple[BoardId, int] | None:
        if message.method != hdrs.METH_GET or message.version != HttpVersion11:
            return None
        parts = _TOP.fullmatch(message.path)
        if parts is None:
            return None
        board_id = BoardId(parts[1] or MAIN_BOARD)
        limit = int(parts[2] or TOP_USUAL)
        return (
            None if limit > TOP_MAX or self._boards.known(board_id) is None else (board_id, limit)
        )


class Lanes:
    """Several lanes: the first that takes a request answers it."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes

    def take(
        self, connection: Connection, message: RawRequestMessage, payload: StreamReader
    ) -> bool:
        """Whether any of them takes it."""
        return any(lane.take(connection, message, payload) for lane in self._lanes)
