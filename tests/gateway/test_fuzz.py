"""Whatever a client sends, it is answered or sent away as documented, and others notice nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreboard.domain.frames import TOP_VIEWS
from scoreboard.gateway.codes import CloseCode
from tests.gateway.service import ENDED, PATIENCE_S, USER_ID, serve, snapshot

ANSWERS = {"snapshot", "delta", "me", "around", "users", "authenticated", "error", "ping"}
KNOWN_CODES = {int(code) for code in CloseCode} | {1007, 1009}

words = st.sampled_from(
    [
        "subscribe",
        "unsubscribe",
        "authenticate",
        *TOP_VIEWS,
        "me",
        "users",
        "around:3",
        "around:99",
        "main",
        "other",
        "nowhere",
        "e1",
        f"{USER_ID}~60",
        USER_ID,
    ]
)
leaves = words | st.text(max_size=8) | st.integers() | st.none() | st.booleans() | st.floats()
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
names = st.sampled_from(["type", "view", "board", "epoch", "version", "users", "token"]) | st.text(
    max_size=5
)
frames = (
    st.dictionaries(names, values, max_size=7).map(json.dumps)
    | st.builds(
        lambda members: json.dumps({"type": "subscribe", "view": "top:10", **members}),
        st.dictionaries(names, values, max_size=3),
    )
    | st.text(max_size=40)
)


async def _told(socket: ClientWebSocketResponse) -> list[dict[str, Any]] | int | None:
    """What is answered before the answer to a last, right message; or the close code."""
    last = {"type": "subscribe", "view": "top:50", "board": "other"}
    told: list[dict[str, Any]] = []
    if not socket.closed:
        await socket.send_str(json.dumps(last))
    while True:
        message = await socket.receive()
        if message.type in ENDED:
            return socket.close_code
        assert message.type is WSMsgType.TEXT
        told.append(json.loads(message.data))
        if (told[-1].get("board"), told[-1].get("view")) == ("other", "top:50"):
            return told


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sent=st.lists(frames, min_size=1, max_size=4))
async def test_no_frame_is_met_with_anything_but_the_protocol(sent: list[str]) -> None:
    async with serve(websocket_frames_per_s=1000) as service:
        service.views.put(snapshot(1))
        service.views.put(snapshot(1, board="other", view="top:50"))
        async with service.connect("view=top:10") as bystander, service.connect() as client:
            await bystander.version()
            async with asyncio.timeout(PATIENCE_S):
                for text in sent:
                    await client.socket.send_str(text)
                told = await _told(client.socket)
            if isinstance(told, list):
                assert {each["type"] for each in told} <= ANSWERS
            else:
                assert told in KNOWN_CODES
            service.publish(snapshot(2))
            assert await bystander.version() == 2
