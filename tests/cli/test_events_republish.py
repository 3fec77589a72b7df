"""`scoreboard events republish`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aio_pika.abc import AbstractIncomingMessage

from benchmarks.ledger_rows import fill
from tests.checker import until_settled
from tests.cli.program import Result, ending, run, run_apart, started
from tests.cli.terminal import on_terminal
from tests.harness import Backends, new_user, run_scoreboard
from tests.relay.watching import consuming

REPUBLISH = ("events", "republish")


@pytest.fixture
def env(backends: Backends, amqp_url: str) -> dict[str, str]:
    """Return an operator's settings, with RabbitMQ."""
    backends.amqp_url = amqp_url
    return {"SCOREBOARD_DATABASE_URL": backends.database_url, "SCOREBOARD_AMQP_URL": amqp_url}


async def test_messages_are_those_of_the_relay_but_for_the_present_rank(
    backends: Backends, env: dict[str, str], tmp_path: Path
) -> None:
    users = [new_user() for _ in range(3)]
    async with consuming(backends.amqp_url) as consumer:
        async with run_scoreboard(backends) as scoreboard:
            for delta in range(1, 4):
                await asyncio.gather(*(scoreboard.increment(user_id, delta) for user_id in users))
            await scoreboard.increment(users[0], 100)
            await until_settled(backends.database_url)
        first_time = {message.message_id: message for message in await consumer.take(10)}
        done = await apart(*REPUBLISH, "--from", "1", "--json", cwd=tmp_path, env=env)
        assert (done.code, done.err) == (0, "")
        assert done.document == {"published": 10, "lastEventId": 10}
        again = await consumer.take(10)
    assert [message.message_id for message in again] == [str(number) for number in range(1, 11)]
    ranks = {users[0]: 1, users[1]: 2, users[2]: 2}
    for message in again:
        earlier = first_time[message.message_id]
        assert facts(message) == facts(earlier)
        body = json.loads(message.body)
        assert body == {**json.loads(earlier.body), "rank": ranks[body["userId"]]}


async def test_a_range_of_ids_and_times_is_kept_to(
    backends: Backends, env: dict[str, str], tmp_path: Path
) -> None:
    await fill(backends.database_url, 40, 4)  # one each millisecond of 2026
    async with consuming(backends.amqp_url) as consumer:
        for bounds, expected in (
            (("--from", "5", "--to", "7"), [5, 6, 7]),
            (
                ("--from", "2026-01-01T00:00:00.010Z", "--to", "2026-01-01T01:00:00.012+01:00"),
                [11, 12, 13],
            ),
            (("--from", "39", "--board", "main"), [39, 40]),
        ):
            done = await apart(*REPUBLISH, *bounds, cwd=tmp_path, env=env)
            assert (done.code, done.err) == (0, "")
            assert f"Published {len(expected)} events, up to event {expected[-1]}." in done.out
            assert numbers(await consumer.take(len(expected))) == expected
        none = await apart(*REPUBLISH, "--from", "41", "--json", cwd=tmp_path, env=env)
        assert none.document == {"published": 0, "lastEventId": None}
        assert await consumer.get() is None


async def test_ctrl_c_tells_where_to_go_on(
    backends: Backends, env: dict[str, str], tmp_path: Path
) -> None:
    await fill(backends.database_url, 30, 3)
    async with consuming(backends.amqp_url) as consumer:
        slowly = (*REPUBLISH, "--from", "1", "--rate", "8")  # two at once
        with started(*slowly, cwd=tmp_path, env=env) as process:
            # Whole batches: what else is delivered to a consumer that leaves is lost. The second is
            # sent once the first is confirmed.
            first = numbers(await consumer.take(4))
            process.send_signal(signal.SIGINT)
            ended = await asyncio.to_thread(ending, process)
        assert (ended.code, ended.out) == (130, "")
        told, interrupted = ended.err.splitlines()
        assert interrupted == "Interrupted."
        from_id = told.rpartition("--from ")[2].rstrip(".")
        done = await apart(*REPUBLISH, "--from", from_id, cwd=tmp_path, env=env)
        assert done.code == 0
        # All are confirmed, so they are in the queue.
        while (more := await consumer.get()) is not None:
            first.append(int(more.message_id or 0))
    # At least once: what was under way at the signal may have come twice.
    assert sorted(set(first)) == list(range(1, 31))


async def test_many_events_are_published_only_on_consent(
    backends: Backends, env: dict[str, str], tmp_path: Path
) -> None:
    await fill(backends.database_url, 10_001, 10)
    everything = (*REPUBLISH, "--from", "1", "--rate", "100000")
    refused = await apart(*everything, cwd=tmp_path, env=env)
    assert (refused.code, refused.out) == (2, "")
    assert "10,001 events" in refused.err
    assert "--yes" in refused.err
    async with consuming(backends.amqp_url) as consumer:
        declined = await asyncio.to_thread(decline, *everything, cwd=tmp_path, env=env)
        assert "Nothing was published." in declined
        assert await consumer.get() is None
        done = await apart(*everything, "--yes", cwd=tmp_path, env=env)
        assert done.code == 0
        assert numbers(await consumer.take(10_001)) == list(range(1, 10_002))


def test_without_rabbitmq_it_says_so(database_url: str, tmp_path: Path) -> None:
    env = {"SCOREBOARD_DATABASE_URL": database_url}
    shown = run(*REPUBLISH, "--from", "1", cwd=tmp_path, env=env)
    assert (shown.code, len(shown.err.splitlines())) == (2, 1)
    assert "SCOREBOARD_AMQP_URL" in shown.err


@pytest.mark.parametrize(
    "amqp_url", ["amqp://guest:canary@127.0.0.1:1/", "amqp://127.0.0.1:1"], ids=["user", "none"]
)
async def test_rabbitmq_that_is_away_is_a_failure(
    database_url: str, tmp_path: Path, amqp_url: str
) -> None:
    await fill(database_url, 3, 1)
    env = {"SCOREBOARD_DATABASE_URL": database_url, "SCOREBOARD_AMQP_URL": amqp_url}
    shown = await apart(*REPUBLISH, "--from", "1", cwd=tmp_path, env=env)
    assert (shown.code, len(shown.err.splitlines())) == (1, 1), shown.err
    assert "RabbitMQ" in shown.err
    assert "canary" not in shown.err


@pytest.mark.parametrize(
    "bounds",
    [
        ("--to", "5"),
        ("--from", "5", "--to", "4"),
        ("--from", "yesterday"),
        ("--from", "2026-01-01T00:00:00"),
    ],
    ids=["open", "upside-down", "no-time", "no-zone"],
)
def test_a_range_that_cannot_be_is_wrong_usage(
    env: dict[str, str], tmp_path: Path, bounds: Sequence[str]
) -> None:
    shown = run(*REPUBLISH, *bounds, cwd=tmp_path, env=env)
    assert (shown.code, shown.out) == (2, "")


def facts(message: AbstractIncomingMessage) -> list[Any]:
    """All of a message but its body."""
    return [
        message.headers,
        message.routing_key,
        message.timestamp,
        message.delivery_mode,
        message.content_type,
    ]


def numbers(messages: Sequence[AbstractIncomingMessage]) -> list[int]:
    """The ids of their events."""
    return [int(message.message_id or 0) for message in messages]


def decline(*arguments: str, cwd: Path, env: dict[str, str]) -> str:
    """What a person sees who says no."""
    with on_terminal(*arguments, cwd=cwd, env=env) as terminal:
        terminal.read_until(lambda text: "10,001" in text)
        os.write(terminal._master, b"n\n")
        return terminal.read_to_end()


async def apart(*arguments: str, cwd: Path, env: dict[str, str]) -> Result:
    """Runs a command while the event loop goes on."""
    return await asyncio.to_thread(run_apart, *arguments, cwd=cwd, env=env)
