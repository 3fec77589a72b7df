"""The form that updates, views and wakes have in RabbitMQ."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from aiormq import spec
from aiormq.abc import DeliveredMessage

from scoreboard.bus.protocol import Update, ViewMessage, Wake
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.times import from_unix_us, iso_utc

JSON_TYPE = "application/json"
TRANSIENT = 1
PERSISTENT = 2
SECONDS_MAX = 64
"""Of the present ones the text is remembered, since many updates share it."""

Properties = spec.Basic.Properties


class UpdateBody(msgspec.Struct, frozen=True, rename="camel"):
    """What other services read: exactly `{"userId", "score", "rank", "updatedAt"}`."""

    user_id: UserId
    score: int
    rank: int | None
    updated_at: str


encode = msgspec.json.Encoder().encode
_decode_wake = msgspec.json.Decoder(Wake).decode


def update_body(update: Update) -> bytes:
    """The JSON body of one update."""
    total = update.total
    seconds, us = divmod(total.updated_us, 1_000_000)
    at = f"{_until_seconds(seconds)}.{us:06}Z"
    return encode(UpdateBody(total.user_id, total.score, update.rank, at))


@lru_cache(SECONDS_MAX)
def _until_seconds(unix_s: int) -> str:
    return iso_utc(from_unix_us(unix_s * 1_000_000)).partition(".")[0]


def view_properties(message: ViewMessage) -> spec.Basic.Properties:
    """Everything but the frame, which is the body as it is."""
    headers: dict[str, int | str] = {
        "board": message.board_id,
        "view": message.view,
        "term": message.term,
        "epoch": message.epoch,
        "version": message.version,
    }
    if message.changed_us is not None:
        headers["changed_us"] = message.changed_us
    return spec.Basic.Properties(
        content_type=JSON_TYPE, delivery_mode=TRANSIENT, headers=dict(headers)
    )


def wake_properties() -> spec.Basic.Properties:
    """A wake says everything in its body."""
    return spec.Basic.Properties(content_type=JSON_TYPE, delivery_mode=TRANSIENT)


def decode_view(message: DeliveredMessage) -> ViewMessage:
    """The view that came; raises msgspec.ValidationError for anything else."""
    headers = dict(message.header.properties.headers or {})
    board_id = headers.pop("board", None)
    fields = {"changed_us": None, **headers, "board_id": board_id, "frame": message.body}
    return msgspec.convert(fields, ViewMessage)


def decode_wake(message: DeliveredMessage) -> Wake:
    """The wake that came; raises msgspec.DecodeError or ValidationError for anything else."""
    return _decode_wake(message.body)
