"""POST /users/{userId}/erasure and GET /users/{userId}/export, for administrators."""

from __future__ import annotations

import msgspec
from aiohttp import web
from msgspec import Struct

from scoreboard.domain.acts import REASON_MAX, is_reason
from scoreboard.domain.errors import InvalidPayload
from scoreboard.domain.times import iso_utc
from scoreboard.moderation.personal_data import PersonalData
from scoreboard.settings import Settings
from scoreboard.web.acts import JSON, Actors
from scoreboard.web.bodies import decode_strictly, read_body
from scoreboard.web.boundary import REQUEST_ID
from scoreboard.web.parsing import parse_path_user
from scoreboard.web.problems import HOUSE_HEADERS


class ErasureBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: str


_decode = msgspec.json.Decoder(ErasureBody, strict=True).decode


class PersonalDataRoutes:
    """What is held of a user on all boards."""

    def __init__(self, personal_data: PersonalData, actors: Actors, settings: Settings) -> None:
        self._personal_data = personal_data
        self._actors = actors
        self._settings = settings

    def add_to(self, app: web.Application) -> None:
        """Of all boards: neither has a board-qualified form."""
        app.router.add_post("/users/{user_id}/erasure", self.erase)
        app.router.add_get("/users/{user_id}/export", self.export, allow_head=False)

    async def erase(self, request: web.Request) -> web.Response:
        """202: he is off every board, and his id goes at `dueAt`."""
        actor = self._actors.of(request)
        user_id = parse_path_user(request)
        settings = self._settings
        body = await read_body(request, settings.body_max_bytes, settings.body_timeout_s)
        reason = decode_strictly(_decode, body).reason
        if not is_reason(reason):
            raise InvalidPayload.at(
                "/reason", f"Must be 1 to {REASON_MAX} characters on one line, and say something."
            )
        begun = await self._personal_data.erase(user_id, reason, actor)
        document = {
            "actId": begun.act_id,
            "dueAt": iso_utc(begun.due_at),
            "boards": begun.boards,
            "repeated": not begun.is_new,
        }
        return web.Response(status=202, body=msgspec.json.encode(document), headers=JSON)

    async def export(self, request: web.Request) -> web.StreamResponse:
        """One JSON document, as it is read. What breaks off is no JSON."""
        actor = self._actors.of(request)
        async with self._personal_data.export(parse_path_user(request), actor) as pieces:
            response = web.StreamResponse(
                headers={**JSON, **HOUSE_HEADERS, "X-Request-ID": request[REQUEST_ID]}
            )
            await response.prepare(request)
            async for piece in pieces:
                await response.write(piece.encode())
        await response.write_eof()
        return response
