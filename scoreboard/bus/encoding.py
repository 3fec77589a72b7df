"""Updates as the AMQP frames that RabbitMQ reads: method, header and body of each, ready to send.

The driver builds and checks an object for every frame and field, which is half the work of
relaying. All but a few numbers is the same in every update of one board and source, and is written
once for them; a test compares the whole with what the driver makes of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from scoreboard.bus import messages, topology
from scoreboard.bus.protocol import Update
from scoreboard.domain.identifiers import BoardId

TEMPLATES_MAX = 1024
"""Pairs of board and source that are remembered."""

_METHOD, _HEADER, _BODY, _END = 1, 2, 3, b"\xce"
_BASIC, _PUBLISH = 60, 40
_USER_ID_CHARS = 36
# Content type, headers, delivery mode, message id and timestamp, in the order of their bits.
_FLAGS = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7 | 1 << 6

_FRAME = struct.Struct(">BHI")  # kind, channel, size of what follows but for the end
_CONTENT = struct.Struct(">BHIHHQ")  # a frame; class, weight, size of the body
_NUMBERS = struct.Struct(">9sq7sqBB")  # two headers; delivery mode, length of the message id
_TAIL = struct.Struct(">QcBHI")  # timestamp, end; the frame of the body
_VERSION, _DELTA = b"\x07versionl", b"\x05deltal"


class _Template(Struct, frozen=True):
    """What updates of one board and source have in common; `header_bytes` but for message ids."""

    publish: bytes
    header_bytes: int
    properties: bytes


def encode_updates(updates: Iterable[Update], channel: int) -> bytes:
    """The frames of all updates in order, each not mandatory: that nobody listens is no failure."""
    parts: list[bytes] = []
    for update in updates:
        total = update.total
        template = _template(channel, total.board_id, update.source)
        message_id = b"%d" % total.reached
        body = messages.update_body(update)
        size = template.header_bytes + len(message_id)
        parts += (
            template.publish,
            total.user_id.encode(),
            b"\0\xce",
            _CONTENT.pack(_HEADER, channel, size, _BASIC, 0, len(body)),
            template.properties,
            _NUMBERS.pack(
                _VERSION, total.version, _DELTA, update.delta, messages.PERSISTENT, len(message_id)
            ),
            message_id,
            _TAIL.pack(total.updated_us // 1_000_000, _END, _BODY, channel, len(body)),
            body,
            _END,
        )
    return b"".join(parts)


@lru_cache(TEMPLATES_MAX)
def _template(channel: int, board_id: BoardId, source: str) -> _Template:
    key = f"{board_id}.".encode()
    method = b"%b%b%c%b" % (
        struct.pack(">HHH", _BASIC, _PUBLISH, 0),
        _short(topology.UPDATES.encode()),
        len(key) + _USER_ID_CHARS,
        key,
    )
    # The user id and one byte without flags complete it.
    publish = _FRAME.pack(_METHOD, channel, len(method) + _USER_ID_CHARS + 1) + method
    texts = _text_header(b"board", board_id) + _text_header(b"source", source)
    properties = b"%b%b%b%b" % (
        struct.pack(">H", _FLAGS),
        _short(messages.JSON_TYPE.encode()),
        struct.pack(">I", len(texts) + len(_VERSION) + len(_DELTA) + 16),
        texts,
    )
    fixed = _CONTENT.size - _FRAME.size + len(properties) + _NUMBERS.size + 8
    return _Template(publish, fixed, properties)


def _text_header(name: bytes, value: str) -> bytes:
    raw = value.encode()
    return b"%bS%b%b" % (_short(name), struct.pack(">I", len(raw)), raw)


def _short(raw: bytes) -> bytes:
    return b"%c%b" % (len(raw), raw)
