"""Frames as bytes."""

from __future__ import annotations

import pytest

from scoreboard.gateway.framing import text_frame
from tests.gateway.service import serve


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
async def test_frames_of_every_size_arrive_whole(size: int) -> None:
    async with serve() as service, service.connect(max_msg_size=0) as client:
        (connection,) = service.connections()
        connection.send(b"x" * size)
        assert await client.socket.receive_str() == "x" * size


@pytest.mark.parametrize(("size", "header_bytes"), [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_the_header_is_the_shortest_that_holds_the_size(size: int, header_bytes: int) -> None:
    assert len(text_frame(b"x" * size)) == header_bytes + size
