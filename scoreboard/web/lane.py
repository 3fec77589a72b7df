"""The express lane: an increment from its parsed head to the bytes of its answer.

It does what the boundary and the handler do for every other request, by the same parts and with the
same answers, for requests that are as clients of this service write them. Whatever is written
otherwise, or would have to wait before it can be looked at, takes the usual way.
"""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import HttpVersion11, hdrs
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from scoreboard.domain.boards import Board
from scoreboard.domain.errors import Internal, Overloaded, Refusal
from scoreboard.domain.identifiers import MAIN_BOARD, parse_board_id
from scoreboard.domain.increments import Receipt
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.telemetry.logs import get_log
from scoreboard.web.answers import Answers
from scoreboard.web.attempts import APPLIED, INCREMENT_PATH, Attempt
from scoreboard.web.bodies import JSON_TYPE
from scoreboard.web.connection import Connection
from scoreboard.web.crowd import Crowd
from scoreboard.web.increments import IncrementRoutes, receipt_body, receipt_lines
from scoreboard.web.problems import Problem, render_problem
from scoreboard.web.reception import Reception

BOARDS_PATH = "/boards/"
OK = 200


class IncrementLane:
    """Takes increments that have arrived whole, and whose sender is far from his limit."""

    def __init__(
        self,
        reception: Reception,
        routes: IncrementRoutes,
        boards: BoardDirectory,
        settings: Settings,
    ) -> None:
        self._reception = reception
        self._attempts = reception.attempts
        self._routes = routes
        self._boards = boards
        self._body_max_bytes = settings.body_max_bytes
        self._refusals: set[asyncio.Task[None]] = set()
        self._crowd = Crowd(settings.refusals_per_s)
        self._answers = Answers()
        self._log = get_log("web")

    def take(
        self, connection: Connection, message: RawRequestMessage, payload: StreamReader
    ) -> bool:
        """Whether it is such an increment; it is then under way."""
        headers = message.headers
        board = self._board(message)
        if (
            board is None
            or payload.total_bytes > self._body_max_bytes
            or headers.getall(hdrs.CONTENT_TYPE, None) != [JSON_TYPE]
            or hdrs.CONTENT_ENCODING in headers
            or hdrs.EXPECT in headers
        ):
            return False
        reception = self._reception
        address = reception.client_address(connection.remote, headers)
        if not reception.ip_limiter.is_far(address):
            return False
        attempt = self._attempts.begin(reception.request_id(headers), address)
        is_full = self._routes.is_full or reception.is_full
        reception.at_work += 1
        body = payload.read_nowait()
        if is_full:
            self._crowd.add(partial(self._turn_away, connection, attempt))
            return True
        try:
            receipt = self._routes.begin(headers, body, board, attempt)
        except Refusal as refusal:
            self._refuse(connection, attempt, refusal)
        except Exception as error:  # noqa: BLE001 - the last net: no stack reaches a client
            self._refuse(connection, attempt, self._broken(error, attempt))
        else:
            receipt.add_done_callback(partial(self._end, connection, attempt))
        return True

    def _board(self, message: RawRequestMessage) -> Board | None:
        """The board of an increment, where it need not be asked for."""
        path = message.path
        if message.method != hdrs.METH_POST or message.version != HttpVersion11:
            return None
        if path == INCREMENT_PATH:
            return self._boards.known(MAIN_BOARD)
        if not (path.startswith(BOARDS_PATH) and path.endswith(INCREMENT_PATH)):
            return None
        board_id = parse_board_id(path[len(BOARDS_PATH) : -len(INCREMENT_PATH)])
        return None if board_id is None else self._boards.known(board_id)

    def _end(
        self, connection: Connection, attempt: Attempt, answer: asyncio.Future[Receipt]
    ) -> None:
        error = answer.exception()
        if isinstance(error, Refusal):
            self._refuse(connection, attempt, error)
        elif error is not None:
            self._refuse(connection, attempt, self._broken(error, attempt))
        else:
            receipt = answer.result()
            attempt.note(receipt)
            self._attempts.end(attempt, APPLIED)
            request_id, lines = attempt.request_id, receipt_lines(receipt)
            rendered = self._answers.render_lines(OK, request_id, lines, receipt_body(receipt))
            self._answer(connection, rendered)

    def _turn_away(self, connection: Connection, attempt: Attempt) -> None:
        refusal = Overloaded()
        self._attempts.end(attempt, refusal.code)
        self._tell_problem(connection, attempt, render_problem(refusal, attempt.request_id))

    def _refuse(self, connection: Connection, attempt: Attempt, refusal: Refusal) -> None:
        task = asyncio.create_task(self._tell(connection, attempt, refusal))
        self._refusals.add(task)
        task.add_done_callback(self._refusals.discard)

    async def _tell(self, connection: Connection, attempt: Attempt, refusal: Refusal) -> None:
        await self._routes.complete(refusal, attempt)
        refusal = await self._reception.charge(attempt, refusal)
        self._attempts.end(attempt, refusal.code, refusal)
        problem = await self._reception.describe(refusal, attempt.request_id, attempt.address)
        self._tell_problem(connection, attempt, problem)

    def _tell_problem(self, connection: Connection, attempt: Attempt, problem: Problem) -> None:
        status, request_id = problem.status, attempt.request_id
        rendered = self._answers.render(status, request_id, problem.headers, problem.body)
        self._answer(connection, rendered)

    def _answer(self, connection: Connection, answer: bytes) -> None:
        self._reception.at_work -= 1
        connection.answer(answer)

    def _broken(self, error: BaseException, attempt: Attempt) -> Internal:
        self._log.error("request failed", request_id=attempt.request_id, exc_info=error)
        return Internal()
