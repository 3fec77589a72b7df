"""Updates are encoded by hand: the driver must read in them what it would have written."""

from __future__ import annotations

from aiormq import spec
from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from scoreboard.bus import topology
from scoreboard.bus.encoding import encode_updates
from scoreboard.bus.messages import update_body
from scoreboard.bus.protocol import Update
from scoreboard.domain.identifiers import BoardId, EventId, UserId
from scoreboard.domain.increments import MAX_SCORE
from scoreboard.domain.standings import Total
from scoreboard.domain.times import from_unix_us

EXAMPLES = 200
LATEST_US = 2**32 * 1_000_000 - 1
"""In 2106; the driver takes what is later for milliseconds."""

scores = st.integers(-MAX_SCORE, MAX_SCORE)
ids = st.integers(1, 2**63 - 1)
sources = st.text(st.characters(codec="utf-8"), max_size=300)
totals = st.builds(
    Total,
    board_id=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True).map(BoardId),
    user_id=st.uuids().map(lambda each: UserId(str(each))),
    score=scores,
    version=ids,
    reached=ids.map(EventId),
    updated_us=st.integers(0, LATEST_US),
)
lists_of_updates = st.lists(
    st.builds(Update, totals, delta=scores, source=sources, rank=ids), max_size=4
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(updates=lists_of_updates, channel=st.integers(1, 65_535))
def test_the_driver_reads_what_it_would_have_written(updates: list[Update], channel: int) -> None:
    found = decode(encode_updates(updates, channel), channel)
    expected = [each for update in updates for each in frames_of(update)]
    assert [attributes(each) for each in found] == [attributes(each) for each in expected]


def decode(data: bytes, channel: int) -> list[object]:
    """Every frame in `data`, all of one channel."""
    found: list[object] = []
    while data:
        size, its_channel, read = frame.unmarshal(data)
        assert its_channel == channel
        found.append(read)
        data = data[size:]
    return found


def frames_of(update: Update) -> tuple[object, ...]:
    """One message as the driver's own objects."""
    total, body = update.total, update_body(update)
    properties = spec.Basic.Properties(
        content_type="application/json",
        delivery_mode=2,
        message_id=str(total.reached),
        timestamp=from_unix_us(total.updated_us).replace(microsecond=0),
        headers={
            "board": total.board_id,
            "version": total.version,
            "delta": update.delta,
            "source": update.source,
        },
    )
    return (
        spec.Basic.Publish(
            exchange=topology.UPDATES, routing_key=f"{total.board_id}.{total.user_id}"
        ),
        ContentHeader(body_size=len(body), properties=properties),
        ContentBody(body),
    )


def attributes(each: object) -> tuple[object, ...]:
    """What can be compared of a frame."""
    if isinstance(each, ContentHeader):
        return (each.weight, each.body_size, each.properties)
    if isinstance(each, ContentBody):
        return (each.value,)
    assert isinstance(each, spec.Basic.Publish)
    return tuple(dict(each).items())
