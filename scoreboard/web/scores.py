"""GET /scores/top, GET /scores/{userId} and GET /scores/{userId}/around."""

from __future__ import annotations

import msgspec
from aiohttp import web

from scoreboard.domain.boards import Board
from scoreboard.domain.errors import NotFound
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.reads.boards import BoardDirectory
from scoreboard.reads.neighbours import NeighbourReader
from scoreboard.reads.standing import StandingReader
from scoreboard.reads.top import TopReader
from scoreboard.web.parsing import (
    has_current,
    parse_limit,
    parse_path_board,
    parse_path_user,
    parse_radius,
)

# `increment` is an address of its own, which takes no GET.
USER = "{user_id:(?!increment$)[^{}/]+}"
TOP_CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=5"


class ScoreRoutes:
    """Public reads."""

    def __init__(
        self,
        tops: TopReader,
        standings: StandingReader,
        neighbours: NeighbourReader,
        boards: BoardDirectory,
    ) -> None:
        self._tops = tops
        self._standings = standings
        self._neighbours = neighbours
        self._boards = boards

    def add_to(self, app: web.Application) -> None:
        """Serves the plain and the board-qualified forms."""
        for head in ("", "/boards/{board_id}"):
            app.router.add_get(f"{head}/scores/top", self.read_top)
            app.router.add_get(f"{head}/scores/{USER}", self.read_standing)
            app.router.add_get(f"{head}/scores/{USER}/around", self.read_neighbours)

    async def read_top(self, request: web.Request) -> web.Response:
        """The first `limit` entries; 304 where the client has them.

        While no store answers, the last list known is served with `Age` and
        `Scoreboard-Stale: true`.
        """
        limit = parse_limit(request)
        board = await self._boards.find(parse_path_board(request, MAIN_BOARD))
        top = await self._tops.read(board.board_id)
        body, digest = top.document(limit)
        headers = top_headers(digest)
        if top.is_stale:
            headers["Age"] = str(int(top.age_s))
            headers["Scoreboard-Stale"] = "true"
        if has_current(request, digest):
            del headers["Content-Type"]
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    async def read_standing(self, request: web.Request) -> web.Response:
        """Where the user stands. `ETag` is the version that If-Match takes."""
        user_id = parse_path_user(request)
        board = await self._boards.find(parse_path_board(request, MAIN_BOARD))
        standing = await self._standings.read(board.board_id, user_id)
        if standing is None:
            raise _without_score(board, user_id)
        document = {
            "userId": standing.user_id,
            "score": standing.score,
            "rank": standing.rank,
            "lastUpdated": iso_utc(from_unix_us(standing.updated_us)),
        }
        return web.Response(
            body=msgspec.json.encode(document),
            headers={
                "Content-Type": "application/json",
                "ETag": f'"{standing.version}"',
                "Cache-Control": "no-store",
            },
        )

    async def read_neighbours(self, request: web.Request) -> web.Response:
        """The user among the `radius` above and below him."""
        user_id = parse_path_user(request)
        radius = parse_radius(request)
        board = await self._boards.find(parse_path_board(request, MAIN_BOARD))
        found = await self._neighbours.read(board.board_id, user_id, radius)
        if found is None:
            raise _without_score(board, user_id)
        document = {"userId": user_id, "entries": found.entries, "of": found.of}
        return web.Response(
            body=msgspec.json.encode(document),
            headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
        )


def _without_score(board: Board, user_id: UserId) -> NotFound:
    return NotFound(f"User {user_id} has no score on board {board.board_id}.")


def top_headers(digest: str) -> dict[str, str]:
    """Of a list with that digest."""
    return {
        # Weak: `generatedAt` differs between two lists that are otherwise the same.
        "ETag": f'W/"{digest}"',
        "Cache-Control": TOP_CACHE_CONTROL,
        "Content-Type": "application/json",
    }
