"""WebSocket frames as bytes (RFC 6455): whole, unmasked and uncompressed, built once for all.

They are written beside aiohttp's own writer, which is safe because that writer, on a socket
without compression, also hands every frame to the transport whole and keeps no state for it.
"""

from __future__ import annotations

import struct

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import Ping, encode_frame

_FINAL_TEXT = 0x81
_CLOSE = 0x88
_PONG = 0x8A
_SHORT_MAX = 125
_MEDIUM_MAX = 0xFFFF


def text_frame(payload: bytes) -> bytes:
    """One final text frame; `payload` must be UTF-8."""
    size = len(payload)
    if size <= _SHORT_MAX:
        return struct.pack("!BB", _FINAL_TEXT, size) + payload
    if size <= _MEDIUM_MAX:
        return struct.pack("!BBH", _FINAL_TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FINAL_TEXT, 127, size) + payload


def view_frame(_message: ViewMessage, payload: bytes) -> bytes:
    """The frame that shows a version of a view."""
    return text_frame(payload)


def close_frame(code: int) -> bytes:
    """CLOSE; nothing may be written after it."""
    return struct.pack("!BBH", _CLOSE, 2, code)


def pong_frame(payload: bytes) -> bytes:
    """The answer to a PING, whose payload (at most 125 bytes) it repeats."""
    return struct.pack("!BB", _PONG, len(payload)) + payload


HEARTBEAT = b"\x89\x00" + text_frame(encode_frame(Ping()))
"""A PING, which asks whether the client lives, and the JSON one, which says that we do."""
