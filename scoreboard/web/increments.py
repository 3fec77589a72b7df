"""POST /scores/increment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web
from multidict import CIMultiDictProxy

from scoreboard.auth.policy import parse_bearer
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.boards import Board
from scoreboard.domain.claims import Principal
from scoreboard.domain.errors import Refusal
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.domain.increments import Receipt
from scoreboard.ingest.redemption import IncrementRequest, Redemption
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.web.attempts import ATTEMPT, INCREMENT_PATH, Attempt
from scoreboard.web.bodies import parse_increment, read_body, require_action_token
from scoreboard.web.parsing import parse_expected_version, parse_nonce_header, parse_path_board

Headers = CIMultiDictProxy[str]


class IncrementRoutes:
    """Parses an increment, has it redeemed, renders the receipt."""

    def __init__(
        self,
        redemption: Redemption,
        verifier: TokenVerifier,
        boards: BoardDirectory,
        now_s: Callable[[], float],
        settings: Settings,
    ) -> None:
        self._redemption = redemption
        self._verifier = verifier
        self._boards = boards
        self._now_s = now_s
        self._settings = settings

    def add_to(self, app: web.Application) -> None:
        """Serves the plain and the board-qualified form."""
        app.router.add_post(INCREMENT_PATH, self.handle)
        app.router.add_post(f"/boards/{{board_id}}{INCREMENT_PATH}", self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        """200 with score and rank once the increment is durable."""
        attempt = request[ATTEMPT]
        principal = self._authenticate(request.headers, attempt)
        body = await read_body(
            request, self._settings.body_max_bytes, self._settings.body_timeout_s
        )
        parsed = _parse(request.headers, body)
        board = await self._boards.find(parse_path_board(request, MAIN_BOARD))
        try:
            receipt = await self._redeem(attempt, principal, board, parsed)
        except Refusal as refusal:
            await self.complete(refusal, attempt)
            raise
        attempt.note(receipt)
        return web.Response(body=receipt_body(receipt), headers=receipt_headers(receipt))

    @property
    def is_full(self) -> bool:
        """Whether there are too many already."""
        return self._redemption.is_full

    def begin(
        self, headers: Headers, body: bytes, board: Board, attempt: Attempt
    ) -> asyncio.Future[Receipt]:
        """The same for a request that has arrived whole, up to where it waits for the stores.

        Raises the first Refusal of the error table; so does the receipt, see `complete`.
        """
        principal = self._authenticate(headers, attempt)
        return self._redeem(attempt, principal, board, _parse(headers, body))

    async def complete(self, refusal: Refusal, attempt: Attempt) -> None:
        """Adds to a refusal what only a store can tell."""
        if attempt.increment is not None:
            await self._redemption.complete(refusal, attempt.increment)

    def _authenticate(self, headers: Headers, attempt: Attempt) -> Principal:
        token = parse_bearer(headers.getall("Authorization", []))
        principal = self._verifier.verify_bearer(token, self._now_s())
        attempt.known["actor"] = principal.subject
        return principal

    def _redeem(
        self, attempt: Attempt, principal: Principal, board: Board, request: IncrementRequest
    ) -> asyncio.Future[Receipt]:
        known = attempt.known
        known["board"] = board.board_id
        known["user_id"] = request.user_id
        known["delta"] = request.delta
        attempt.increment = self._redemption.prove(principal, board, request)
        attempt.is_counted = True
        return self._redemption.redeem(attempt.address, attempt.increment)


def _parse(headers: Headers, body: bytes) -> IncrementRequest:
    # In the order of the error table.
    user_id, delta, token = parse_increment(body)
    expected_version = parse_expected_version(headers)
    nonce = parse_nonce_header(headers)
    require_action_token(token)
    return IncrementRequest(user_id, delta, nonce, token, expected_version)


def receipt_body(receipt: Receipt) -> bytes:
    """The body of a 200."""
    return b'{"score":%d,"rank":%d}' % (receipt.score, receipt.rank)


def receipt_headers(receipt: Receipt) -> dict[str, str]:
    """Its headers, but for those of every answer."""
    lines = receipt_lines(receipt).splitlines()
    return dict(line.split(": ", 1) for line in lines)


def receipt_lines(receipt: Receipt) -> str:
    """The same as they are sent."""
    return (
        "Content-Type: application/json\r\n"
        f'ETag: "{receipt.version}"\r\n'
        "Cache-Control: no-store\r\n"
    )
