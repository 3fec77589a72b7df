"""Server-sent events as bytes: the JSON of the WebSocket's frames in `data:`, built once for all.

No event has a name, so that `onmessage` gets them all; `type` in the JSON tells them apart. Only
a view has an id. It names the view too, since a stream may show several and a browser that comes
back repeats the last id alone.
"""

from __future__ import annotations

import re

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import Ping, ViewKey, encode_frame
from scoreboard.domain.identifiers import BoardId
from scoreboard.gateway.channel import Position

_ID = re.compile(r"([^:]+):([0-9]{1,19}):([^:]+):(.+)", re.ASCII)
"""Epoch, version, board, view; only the view's name holds colons of its own."""


def view_event(message: ViewMessage, payload: bytes) -> bytes:
    """The event that shows a version of a view. JSON is one line: it escapes line breaks."""
    position = f"{message.epoch}:{message.version}"
    head = f"id: {position}:{message.board_id}:{message.view}\ndata: "
    return head.encode() + payload + b"\n\n"


def data_event(payload: bytes, retry_ms: int | None = None) -> bytes:
    """An event without an id; `retry_ms` as in `retry_field`."""
    retry = b"" if retry_ms is None else retry_field(retry_ms)
    return retry + b"data: " + payload + b"\n\n"


def retry_field(wait_ms: int) -> bytes:
    """Tells a browser how long to wait before it connects again, from now on."""
    return b"retry: %d\n" % wait_ms


def read_id(text: str) -> tuple[ViewKey, Position] | None:
    """What `Last-Event-ID` says that the client has; None where it is no id of ours."""
    parts = _ID.fullmatch(text)
    if parts is None:
        return None
    epoch, version, board, view = parts.groups()
    return (BoardId(board), view), (epoch, int(version))


HEARTBEAT = data_event(encode_frame(Ping()))
"""Shows the page that the server lives, and keeps proxies from ending a quiet stream."""
