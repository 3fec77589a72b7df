"""POST /scores/increment."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from scoreboard.auth.policy import parse_bearer
from scoreboard.auth.verify import TokenVerifier
from scoreboard.domain.claims import Principal
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.domain.increments import Receipt
from scoreboard.ingest.redemption import IncrementRequest, Redemption
from scoreboard.reads.boards import BoardDirectory
from scoreboard.settings import Settings
from scoreboard.web.attempts import ATTEMPT, INCREMENT_PATH, Attempt
from scoreboard.web.bodies import parse_increment, read_body, require_action_token
from scoreboard.web.parsing import parse_expected_version, parse_nonce_header, parse_path_board


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
        receipt = await self._redeem(request, request[ATTEMPT])
        return web.Response(
            body=b'{"score":%d,"rank":%d}' % (receipt.score, receipt.rank),
            headers={
                "Content-Type": "application/json",
                "ETag": f'"{receipt.version}"',
                "Cache-Control": "no-store",
            },
        )

    async def _redeem(self, request: web.Request, attempt: Attempt) -> Receipt:
        known = attempt.known
        principal = self._authenticate(request)
        known["actor"] = principal.subject
        parsed = await self._parse(request)
        known["board"] = parsed.board.board_id
        known["user_id"] = parsed.user_id
        known["delta"] = parsed.delta
        increment = self._redemption.prove(principal, parsed)
        attempt.is_counted = True
        receipt = await self._redemption.redeem(attempt.address, increment)
        known["event_id"] = receipt.event_id
        known["version"] = receipt.version
        return receipt

    def _authenticate(self, request: web.Request) -> Principal:
        token = parse_bearer(request.headers.getall("Authorization", []))
        return self._verifier.verify_bearer(token, self._now_s())

    async def _parse(self, request: web.Request) -> IncrementRequest:
        body = await read_body(
            request, self._settings.body_max_bytes, self._settings.body_timeout_s
        )
        # In the order of the error table.
        user_id, delta, token = parse_increment(body)
        expected_version = parse_expected_version(request)
        nonce = parse_nonce_header(request)
        require_action_token(token)
        board = await self._boards.find(parse_path_board(request, MAIN_BOARD))
        return IncrementRequest(board, user_id, delta, nonce, token, expected_version)
