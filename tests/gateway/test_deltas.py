"""Deltas: what changed since the version that a client has, and nothing else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreboard.bus.protocol import ViewMessage
from scoreboard.domain.frames import Snapshot, encode_frame
from scoreboard.domain.identifiers import MAIN_BOARD, UserId
from scoreboard.domain.standings import Entry, rank_entries
from scoreboard.gateway.channel import Channel
from scoreboard.gateway.history import VERSIONS_MAX
from scoreboard.gateway.subscriber import Subscriber
from tests.gateway.service import Client, Service, serve
from tests.screen import Screen

SIZE = 5
USERS = [UserId(f"0b0f6d7e-0000-4000-8000-{number:012}") for number in range(8)]


def board(version: int, scores: dict[int, int], epoch: str = "e1", term: int = 1) -> ViewMessage:
    """A version of the view that shows the first of these users' scores."""
    ordered = sorted(scores.items(), key=lambda row: (-row[1], row[0]))[:SIZE]
    entries = rank_entries((USERS[number], score) for number, score in ordered)
    frame = Snapshot("top:10", MAIN_BOARD, epoch, version, entries, "2023-11-14T22:13:20Z")
    return ViewMessage(MAIN_BOARD, "top:10", term, epoch, version, encode_frame(frame), None)


def entries_of(message: ViewMessage) -> list[dict[str, Any]]:
    """What the version shows."""
    entries: list[dict[str, Any]] = json.loads(message.frame)["entries"]
    return entries


def _raw(_message: ViewMessage, payload: bytes) -> bytes:
    return payload


def _never(argument: object) -> None:
    raise AssertionError(argument)


steps = st.lists(
    st.tuples(
        st.sampled_from(["score", "score", "score", "read", "read", "epoch", "return"]),
        st.integers(0, len(USERS) - 1),
        st.integers(-3, 9),
    ),
    max_size=60,
)


@given(steps=steps)
def test_whoever_reads_now_and_then_always_shows_the_true_board(
    steps: list[tuple[str, int, int]],
) -> None:
    channel = Channel((MAIN_BOARD, "top:10"))
    watchers = [(Subscriber(asyncio.Transport(), _raw, _never, _never), Screen()) for _ in range(3)]
    for subscriber, _ in watchers:
        channel.add(subscriber, None)
    scores: dict[int, int] = {}
    version, epoch = 1, 1
    latest = board(version, scores)
    channel.store(latest)
    for kind, number, delta in steps:
        subscriber, screen = watchers[number % len(watchers)]
        if kind == "score":
            scores[number] = scores.get(number, 0) + delta
            version += 1
            latest = board(version, scores, f"e{epoch}")
            assert channel.store(latest)
        elif kind == "epoch":
            version, epoch = 1, epoch + 1
            latest = board(version, scores, f"e{epoch}")
            assert channel.store(latest)
        else:
            if kind == "return":
                channel.discard(subscriber)
                channel.add(subscriber, screen.position)
            frame = channel.frame_for(subscriber)
            assert frame is not None or kind == "read"
            if frame is not None:
                shown = json.loads(frame)
                is_new = screen.position is None
                assert shown["type"] == "delta" or shown.get("reset", False) != is_new
                screen.apply(shown)
            assert screen.entries == entries_of(latest)
            assert channel.frame_for(subscriber) is None


def test_entries_that_stay_the_same_are_not_sent() -> None:
    channel = Channel((MAIN_BOARD, "top:10"))
    subscriber = Subscriber(asyncio.Transport(), _raw, _never, _never)
    channel.add(subscriber, None)
    channel.store(board(1, {0: 50, 1: 40, 2: 30}))
    channel.frame_for(subscriber)
    channel.store(board(2, {0: 50, 1: 45, 2: 30}))
    frame = msgspec.json.decode(channel.frame_for(subscriber) or b"")
    assert frame == {
        "type": "delta",
        "view": "top:10",
        "board": "main",
        "epoch": "e1",
        "version": 2,
        "base": 1,
        "changed": [{"userId": USERS[1], "score": 45, "rank": 2}],
    }


def test_an_entry_that_did_not_change_is_held_once_however_many_versions_have_it() -> None:
    channel = Channel((MAIN_BOARD, "top:10"))
    for version in range(1, 4):
        channel.store(board(version, {0: 50, 1: version}))
    versions: list[tuple[Entry, ...]] = list(channel._history._versions.values())
    assert versions[0][0] is versions[1][0] is versions[2][0]


async def _client_of(service: Service, versions: int) -> None:
    """Watches until so many versions have been shown, so that the instance remembers them."""
    async with service.connect("view=top:10") as client:
        await client.frame()
        for version in range(2, versions + 1):
            service.publish(board(version, {0: version}))
            await client.frame()


async def _resume(service: Service, client: Client, epoch: str, version: int) -> dict[str, Any]:
    await client.send(type="subscribe", view="top:10", epoch=epoch, version=version)
    return await client.frame()


async def test_whoever_comes_back_gets_one_delta_from_what_he_has() -> None:
    async with serve() as service:
        service.views.put(board(1, {0: 1}))
        await _client_of(service, 5)
        async with service.connect() as client:
            frame = await _resume(service, client, "e1", 2)
            assert (frame["type"], frame["base"], frame["version"]) == ("delta", 2, 5)
            assert [each["score"] for each in frame["changed"]] == [5]


async def test_whoever_has_the_present_version_is_told_so() -> None:
    async with serve() as service:
        service.views.put(board(1, {0: 1}))
        async with service.connect() as client:
            frame = await _resume(service, client, "e1", 1)
            assert (frame["type"], frame["base"], frame["version"]) == ("delta", 1, 1)
            assert (frame["changed"], "removed" in frame) == ([], False)


@pytest.mark.parametrize(
    ("epoch", "version"), [("e0", 3), ("e1", 0), ("e1", -4), ("e1", 2), ("", 1)]
)
async def test_whoever_has_what_nobody_remembers_gets_a_snapshot_that_says_so(
    epoch: str, version: int
) -> None:
    async with serve() as service:
        service.views.put(board(5, {0: 5}))
        async with service.connect() as client:
            frame = await _resume(service, client, epoch, version)
            assert (frame["type"], frame["version"], frame["reset"]) == ("snapshot", 5, True)


async def test_the_last_256_versions_are_remembered() -> None:
    last = VERSIONS_MAX + 1
    async with serve(websocket_frames_per_s=1000) as service:
        service.views.put(board(1, {0: 1}))
        await _client_of(service, last)
        async with service.connect() as client:
            assert (await _resume(service, client, "e1", 2))["base"] == 2
            assert (await _resume(service, client, "e1", 1))["reset"]


async def test_a_new_epoch_begins_with_a_snapshot_that_says_so() -> None:
    async with serve() as service:
        service.views.put(board(7, {0: 7}))
        async with service.connect("view=top:10") as client:
            await client.frame()
            service.publish(board(1, {1: 1}, epoch="e2"))
            frame = await client.frame()
            assert (frame["type"], frame["epoch"], frame["reset"]) == ("snapshot", "e2", True)
            service.publish(board(2, {1: 2}, epoch="e2"))
            assert (await client.frame())["base"] == 1


async def test_a_hole_in_the_versions_is_bridged_by_a_delta_over_it() -> None:
    async with serve() as service:
        service.views.put(board(1, {0: 1, 1: 9}))
        async with service.connect("view=top:10") as client:
            await client.frame()
            service.publish(board(4, {0: 4, 1: 9}))  # 2 and 3 were lost on the way
            frame = await client.frame()
            assert (frame["type"], frame["base"], frame["version"]) == ("delta", 1, 4)
            assert [each["score"] for each in frame["changed"]] == [4]
