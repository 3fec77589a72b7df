"""One WebSocket: what its client says, whether it lives, how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType

from scoreboard.domain.errors import InvalidPayload, Refusal, TokenExpired, TokenInvalid
from scoreboard.domain.frames import (
    Authenticate,
    Bye,
    Failure,
    Subscribe,
    Unsubscribe,
    encode_frame,
)
from scoreboard.gateway.admission import find_board
from scoreboard.gateway.allowance import Allowance
from scoreboard.gateway.channel import Position
from scoreboard.gateway.codes import CloseCode
from scoreboard.gateway.framing import HEARTBEAT, close_frame, pong_frame, text_frame, view_frame
from scoreboard.gateway.inbox import read_messages
from scoreboard.gateway.subscriber import Subscriber
from scoreboard.gateway.viewing import VIEWS, Sources, Viewing, ViewsExhausted
from scoreboard.settings import Settings

FAULTS_MAX = 5
"""Wrong messages in a row after which a client is not merely mistaken."""

CLOSE_GRACE_S = 2.0
"""How long a client may take to answer CLOSE before the connection is cut."""

NO_STATUS = 1005
"""RFC 6455's word for a CLOSE without a code; it is never sent."""

Request = Subscribe | Unsubscribe | Authenticate

_decode: Callable[[str], Request]
_decode = msgspec.json.Decoder(Request).decode


class Connection(asyncio.Protocol):
    """A WebSocket between its handshake and its end. Times are the loop's, in seconds.

    No task and no queue wait for its client: most clients only listen.
    """

    __slots__ = (
        "_allowance",
        "_cut_timer",
        "_faults",
        "_held",
        "_looking",
        "_on_lost",
        "_ping_due_s",
        "_pinged_at_s",
        "_read",
        "_settings",
        "_sources",
        "address",
        "code",
        "transport",
        "viewing",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        address: str,
        sources: Sources,
        settings: Settings,
        on_lost: Callable[[Connection], None],
    ) -> None:
        """`address` is the client's; `on_lost` is called when nothing is left of it."""
        now_s = asyncio.get_running_loop().time()
        self._sources = sources
        self._settings = settings
        self._on_lost = on_lost
        self._faults = 0
        # A second's worth at once, and always enough to subscribe to every view.
        rate_per_s = settings.websocket_frames_per_s
        self._allowance = Allowance(rate_per_s, max(rate_per_s, settings.websocket_views_max))
        self._ping_due_s = now_s + settings.websocket_ping_s
        self._pinged_at_s: float | None = None
        self._read = read_messages(settings.websocket_frame_max_bytes, self._take, self._fail)
        self._looking: asyncio.Task[None] | None = None
        self._held: list[WSMessage] | None = None
        self._cut_timer: asyncio.TimerHandle | None = None
        self.transport = transport
        self.address = address
        self.viewing = Viewing(Subscriber(transport, view_frame, self.send, self.close), sources)
        self.code: int | None = None

    @property
    def is_closing(self) -> bool:
        """Whether this side has said CLOSE."""
        return self._cut_timer is not None

    def data_received(self, data: bytes) -> None:
        """The client's bytes, from the transport."""
        self._read(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, whoever brought it about."""
        self.viewing.leave()
        if self._cut_timer is not None:
            self._cut_timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
        self._on_lost(self)

    def dismiss(self, bye: Bye) -> None:
        """Says `bye` and closes."""
        self.send(encode_frame(bye))
        self.close(CloseCode.DRAIN)

    def send(self, payload: bytes) -> None:
        """Writes one JSON text to this client alone."""
        self._write(text_frame(payload))

    def close(self, code: int) -> None:
        """Says CLOSE and waits a while for the client's; the first code counts."""
        if self.is_closing:
            return
        self.code = code
        self.viewing.leave()
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
        if self.viewing.is_expired:
            self.close(CloseCode.TOKEN_EXPIRED)
        elif self.viewing.is_behind:
            # Its PING would queue behind what it has not read; it is judged by its lag instead.
            self._pinged_at_s = None if self._pinged_at_s is None else now_s
        elif self._pinged_at_s is not None:
            if now_s - self._pinged_at_s > self._settings.websocket_pong_s:
                self.close(CloseCode.NO_PONG)
        elif now_s >= self._ping_due_s:
            self._write(HEARTBEAT)
            self._pinged_at_s = now_s
            self._ping_due_s = now_s + self._settings.websocket_ping_s

    def _take(self, message: WSMessage) -> None:
        if self._looking is not None:
            self._hold(message)
        elif message.type is WSMsgType.CLOSE:
            self._part(message.data)
        elif not self.is_closing:  # else only the client's CLOSE matters now
            if self._allowance.spend(asyncio.get_running_loop().time()):
                self._heed(message)
            else:
                self.close(CloseCode.RATE_LIMITED)

    def _fail(self, error: BaseException) -> None:
        self.close(error.code if isinstance(error, WebSocketError) else WSCloseCode.INTERNAL_ERROR)

    def _part(self, code: int) -> None:
        """The client has said CLOSE: in answer to ours, or of its own accord."""
        if self.is_closing:
            self.cut()
            return
        self.code = code or NO_STATUS
        self.viewing.leave()
        self.transport.write(close_frame(WSCloseCode.OK))
        self.transport.close()  # when all is written; who does not read it is not waited for long
        self._cut_timer = asyncio.get_running_loop().call_later(CLOSE_GRACE_S, self.cut)

    def _heed(self, message: WSMessage) -> None:
        if message.type is WSMsgType.PONG:
            self._pinged_at_s = None
        elif message.type is WSMsgType.PING:
            self._write(pong_frame(message.data))
        elif message.type is WSMsgType.TEXT:
            self._heed_text(message.data)
        elif message.type is WSMsgType.BINARY:
            self.close(CloseCode.PROTOCOL)

    def _heed_text(self, text: str) -> None:
        request: Request | None = None
        try:
            request = _parse(text)
            self._obey(request)
        except Refusal as refusal:
            self._refuse(refusal, request)
        else:
            if self._looking is None:
                self._faults = 0

    def _refuse(self, refusal: Refusal, request: Request | None) -> None:
        view = getattr(request, "view", None)
        self.send(encode_frame(Failure(code=refusal.code, view=view)))
        self._faults += 1
        self._judge(refusal)

    def _judge(self, refusal: Refusal) -> None:
        """Some refusals end the connection."""
        if isinstance(refusal, TokenExpired):
            self.close(CloseCode.TOKEN_EXPIRED)
        elif isinstance(refusal, TokenInvalid):
            self.close(CloseCode.TOKEN_INVALID)
        elif self._faults >= FAULTS_MAX:
            self.close(CloseCode.PROTOCOL)

    def _obey(self, request: Request) -> None:
        if isinstance(request, Authenticate):
            self.send(encode_frame(self.viewing.authenticate(request.token)))
        elif request.view not in VIEWS:
            raise InvalidPayload
        elif isinstance(request, Unsubscribe):
            self.viewing.unsubscribe(request.board, request.view)
        else:
            self.transport.pause_reading()
            self._looking = asyncio.create_task(self._subscribe(request))

    async def _subscribe(self, request: Subscribe) -> None:
        """The one request that may have to wait, for whether there is such a board."""
        try:
            board_id = await find_board(request.board, self._sources.board_exists)
            if not self.is_closing:
                key = (board_id, request.view)
                self.viewing.subscribe(key, request.users, _position(request))
        except Refusal as refusal:
            self._refuse(refusal, request)
        except ViewsExhausted:
            self.close(CloseCode.TOO_MANY_VIEWS)
        else:
            self._faults = 0
        self._looking = None
        self._go_on()

    def _hold(self, message: WSMessage) -> None:
        # No more than what one read of the socket brought: it is paused.
        if self._held is None:
            self._held = []
        self._held.append(message)

    def _go_on(self) -> None:
        held, self._held = self._held or (), None
        for message in held:
            self._take(message)
        if self._looking is None:
            self.transport.resume_reading()

    def _write(self, frame: bytes) -> None:
        if self.is_closing or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > self._settings.websocket_buffer_max_bytes:
            self.close(CloseCode.SLOW)  # it asks and asks, and never reads an answer
            return
        self.transport.write(frame)


def _position(request: Subscribe) -> Position | None:
    if request.epoch is None or request.version is None:
        return None
    return request.epoch, request.version


def _parse(text: str) -> Request:
    try:
        return _decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidPayload from error
