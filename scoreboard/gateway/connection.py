"""One WebSocket: what its client says, whether it lives, how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from scoreboard.domain.errors import InvalidPayload, Refusal
from scoreboard.domain.frames import (
    TOP_VIEWS,
    Bye,
    Failure,
    Subscribe,
    Unsubscribe,
    encode_frame,
)
from scoreboard.domain.identifiers import BoardId
from scoreboard.gateway.admission import BoardExists, find_board
from scoreboard.gateway.allowance import Allowance
from scoreboard.gateway.codes import CloseCode
from scoreboard.gateway.framing import HEARTBEAT, close_frame, pong_frame, text_frame, view_frame
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.subscriber import Subscriber, ViewKey
from scoreboard.settings import Settings

FAULTS_MAX = 5
"""Wrong messages in a row after which a client is not merely mistaken."""

CLOSE_GRACE_S = 2.0
"""How long a client may take to answer CLOSE before the connection is cut."""

_decode: Callable[[str], Subscribe | Unsubscribe]
_decode = msgspec.json.Decoder(Subscribe | Unsubscribe).decode


class Connection:
    """A WebSocket between its handshake and its end. Times are the loop's, in seconds."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport,
        hub: Hub,
        settings: Settings,
        board_exists: BoardExists,
    ) -> None:
        now_s = asyncio.get_running_loop().time()
        self._ws = ws
        self._hub = hub
        self._settings = settings
        self._board_exists = board_exists
        self._faults = 0
        # A second's worth at once, and always enough to subscribe to every view.
        rate_per_s = settings.websocket_frames_per_s
        self._allowance = Allowance(rate_per_s, max(rate_per_s, settings.websocket_views_max))
        self._ping_due_s = now_s + settings.websocket_ping_s
        self._pinged_at_s: float | None = None
        self.transport = transport
        self.subscriber = Subscriber(transport, view_frame, self.close)
        self.code: int | None = None
        self._cut_timer: asyncio.TimerHandle | None = None

    @property
    def is_closing(self) -> bool:
        """Whether this side has said CLOSE."""
        return self._cut_timer is not None

    async def serve(self) -> None:
        """Takes the client's messages until both sides have said CLOSE or one is gone."""
        try:
            async for message in self._ws:
                if self.is_closing:
                    continue  # whatever was under way; only the client's CLOSE matters now
                if self._allowance.spend(asyncio.get_running_loop().time()):
                    await self._take(message)
                else:
                    self.close(CloseCode.RATE_LIMITED)
            await self._part()
        finally:
            self._hub.leave(self.subscriber)
            if self._cut_timer is not None:
                self._cut_timer.cancel()

    def show(self, keys: tuple[ViewKey, ...]) -> None:
        """Begins to show the views that the handshake named."""
        for key in keys:
            self._hub.subscribe(self.subscriber, key)

    def dismiss(self, bye: Bye) -> None:
        """Says `bye` and closes."""
        self.send(encode_frame(bye))
        self.close(CloseCode.DRAIN)

    def send(self, payload: bytes) -> None:
        """Writes one JSON text to this client alone."""
        self._write(text_frame(payload))

    def close(self, code: CloseCode) -> None:
        """Says CLOSE and waits a while for the client's; the first code counts."""
        if self.is_closing:
            return
        self.code = code
        self._hub.leave(self.subscriber)
        # aiohttp's own close would not wait for the answer while `serve` is reading.
        if not self.transport.is_closing():
            self.transport.write(close_frame(code))
        self._cut_timer = asyncio.get_running_loop().call_later(CLOSE_GRACE_S, self.cut)

    def cut(self) -> None:
        """Ends the connection now; unsent bytes are dropped."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def beat(self, now_s: float) -> None:
        """One turn of the heartbeat: asks for a sign of life when due, ends who gave none."""
        if self.is_closing:
            return
        if self._hub.is_behind(self.subscriber):
            # Its PING would queue behind what it has not read; it is judged by its lag instead.
            self._pinged_at_s = None if self._pinged_at_s is None else now_s
        elif self._pinged_at_s is not None:
            if now_s - self._pinged_at_s > self._settings.websocket_pong_s:
                self.close(CloseCode.NO_PONG)
        elif now_s >= self._ping_due_s:
            self._write(HEARTBEAT)
            self._pinged_at_s = now_s
            self._ping_due_s = now_s + self._settings.websocket_ping_s

    async def _part(self) -> None:
        if self.is_closing:
            self.cut()
            return
        self.code = self._ws.close_code
        await self._ws.close(drain=False)

    async def _take(self, message: WSMessage) -> None:
        if message.type is WSMsgType.PONG:
            self._pinged_at_s = None
        elif message.type is WSMsgType.PING:
            self._write(pong_frame(message.data))
        elif message.type is WSMsgType.TEXT:
            await self._take_text(message.data)
        elif message.type is WSMsgType.BINARY:
            self.close(CloseCode.PROTOCOL)

    async def _take_text(self, text: str) -> None:
        request: Subscribe | Unsubscribe | None = None
        try:
            request = _parse(text)
            await self._obey(request)
        except Refusal as refusal:
            view = None if request is None else request.view
            self.send(encode_frame(Failure(code=refusal.code, view=view)))
            self._faults += 1
        else:
            self._faults = 0
        if self._faults >= FAULTS_MAX:
            self.close(CloseCode.PROTOCOL)

    async def _obey(self, request: Subscribe | Unsubscribe) -> None:
        if request.view not in TOP_VIEWS:
            raise InvalidPayload
        if isinstance(request, Unsubscribe):
            self._hub.unsubscribe(self.subscriber, (BoardId(request.board), request.view))
            return
        board_id = await find_board(request.board, self._board_exists)
        self._subscribe((board_id, request.view))

    def _subscribe(self, key: ViewKey) -> None:
        if self.is_closing:
            return
        views = self.subscriber.views
        if key not in views and len(views) >= self._settings.websocket_views_max:
            self.close(CloseCode.TOO_MANY_VIEWS)
            return
        self._hub.subscribe(self.subscriber, key)

    def _write(self, frame: bytes) -> None:
        if self.is_closing or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > self._settings.websocket_buffer_max_bytes:
            self.close(CloseCode.SLOW)  # it asks and asks, and never reads an answer
            return
        self.transport.write(frame)


def _parse(text: str) -> Subscribe | Unsubscribe:
    try:
        return _decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidPayload from error
