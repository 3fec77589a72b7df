"""Loads on a server that stalls, hangs up, falls silent: what is counted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cli.loadtest.plan import Segment
from cli.loadtest.tally import Counts
from cli.loadtest.workload import Job
from cli.output import CommandFailed
from tests.checker import until
from tests.loadtest.service import PLAIN, connected, load, plan, run_now, serving

STALL_S = 0.6
RATE_PER_S = 200.0
RAMP_S = 0.8
GRANTING: dict[str, Any] = {"mix": {"increment": 1}, "grant": "live", "connections": 1}


def closing(status: str, body: bytes = b"{}") -> bytes:
    """An answer behind which the connection is closed."""
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


GRANT = closing("201 Created", b'{"actionToken":"x","nonce":"y"}')


async def answer(_number: int, writer: asyncio.StreamWriter) -> None:
    """As one should."""
    writer.write(PLAIN)


class Stalling:
    """Answers at once, but for one stall of `STALL_S` that begins with the 50th request."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()

    async def __call__(self, number: int, writer: asyncio.StreamWriter) -> None:
        if number == 50:
            self._free.clear()
            asyncio.get_running_loop().call_later(STALL_S, self._free.set)
        await self._free.wait()
        writer.write(PLAIN)


def at_least(counts: Counts, seconds: float) -> int:
    """How many took so long."""
    return sum(count for value, count in counts.items() if value >= seconds * 1_000_000 * 0.999)


async def test_an_open_loop_shows_a_stall_in_every_request_that_was_due_in_it() -> None:
    segments = (Segment(RATE_PER_S, RATE_PER_S, 2.0),)
    async with serving(Stalling()) as server:
        found = await load(plan(server.port, segments=segments, requests=None))
    latencies = found.latencies["top"]
    # Whatever was due in the first half of the stall waited for its second half at the least.
    due_in_half = int(RATE_PER_S * STALL_S / 2)
    assert at_least(latencies, STALL_S / 2) >= due_in_half - 4
    # More than 1 % waited, so p99 shows it, and the first of them nearly all of it.
    assert at_least(latencies, STALL_S / 2) > 0.01 * sum(latencies.values())
    assert at_least(latencies, STALL_S) >= 1
    assert found.late >= due_in_half
    assert found.answered == {"top": 400}


async def test_every_request_of_an_open_loop_is_sent_whatever_the_number_of_processes() -> None:
    segments = (Segment(0.0, 300.0, 0.5), Segment(300.0, 300.0, 0.2))
    async with serving(answer) as server:
        whole = plan(server.port, segments=segments, requests=None)
        parts = await asyncio.gather(*(load(each) for each in whole.split(3)))
    assert sum(part.answered["top"] for part in parts) == 135
    assert server.requests == 135


async def test_a_closed_loop_ends_after_its_number_of_requests() -> None:
    async with serving(answer) as server:
        found = await load(plan(server.port, requests=101))
    assert found.answered == {"top": 101}
    assert (server.requests, server.connections) == (101, 4)


async def test_a_ramp_keeps_its_plan_though_the_server_closes_silent_connections() -> None:
    arrived_s: list[float] = []
    everybody = asyncio.Event()

    async def wait_for_all(number: int, writer: asyncio.StreamWriter) -> None:
        arrived_s.append(asyncio.get_running_loop().time())
        if number == 1:
            server.hang_up(spared=writer)
        elif number == 4:
            everybody.set()
        await everybody.wait()
        writer.write(PLAIN)

    begun_s = asyncio.get_running_loop().time()
    async with serving(wait_for_all) as server:
        found = await load(plan(server.port, requests=4, ramp_s=RAMP_S))
    assert found.answered == {"top": 4}
    assert server.connections == 7
    for number, each in enumerate(arrived_s):
        assert each - begun_s >= RAMP_S * number / 4


async def test_connections_that_are_lost_before_the_start_are_opened_again() -> None:
    async with (
        serving(answer) as server,
        connected(plan(server.port)) as (made, tally),
    ):
        server.hang_up()

        async def are_lost() -> bool:
            return not made._connections

        await until(are_lost)
        await run_now(made)
    assert tally.now.answered == {"top": 100}
    assert server.connections == 8


async def test_a_connection_that_the_server_closes_after_an_answer_is_opened_again() -> None:
    async def close(number: int, writer: asyncio.StreamWriter) -> None:
        if number % 10:
            writer.write(PLAIN)
        else:
            writer.write(PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            writer.close()

    async with serving(close) as server:
        found = await load(plan(server.port))
    assert found.answered == {"top": 100}
    assert not found.errors
    assert server.connections >= 12


async def test_a_request_whose_connection_is_lost_is_an_error_and_the_load_goes_on() -> None:
    async def hang_up(number: int, writer: asyncio.StreamWriter) -> None:
        if number == 7:
            writer.close()
        else:
            writer.write(PLAIN)

    async with serving(hang_up) as server:
        found = await load(plan(server.port))
    assert found.answered == {"top": 99}
    assert found.errors == {"top": {"connection_lost": 1}}


async def test_an_answer_that_never_comes_is_an_error_that_counts_its_wait() -> None:
    async def fall_silent(number: int, writer: asyncio.StreamWriter) -> None:
        if number != 7:
            writer.write(PLAIN)

    async with serving(fall_silent) as server:
        found = await load(plan(server.port, timeout_s=0.3))
    assert found.errors == {"top": {"timeout": 1}}
    assert at_least(found.latencies["top"], 0.3) >= 1
    assert sum(found.latencies["top"].values()) == 100


async def test_a_refusal_is_counted_by_its_code_and_not_as_a_latency() -> None:
    body = b'{"code":"rate_limited","policy":"ip"}'
    refusal = b"HTTP/1.1 429 No\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async def refuse(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(refusal if number % 2 else PLAIN)

    async with serving(refuse) as server:
        found = await load(plan(server.port))
    assert found.errors == {"top": {"rate_limited": 50}}
    assert found.rate_limited_by == {"ip": 50}
    assert sum(found.latencies["top"].values()) == 50


async def test_the_last_increment_is_sent_though_its_grant_took_the_connection_with_it() -> None:
    async def take_turns(number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(GRANT if number % 2 else closing("200 OK"))
        writer.close()

    async with serving(take_turns) as server:
        found = await load(plan(server.port, requests=3, **GRANTING))
    assert found.answered == {"grant": 3, "increment": 3}
    assert not found.errors


async def test_a_granted_increment_that_finds_no_connection_any_more_is_an_error() -> None:
    async def grant_and_go(_number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(GRANT)
        writer.close()
        server.stop_listening()

    async with serving(grant_and_go) as server:
        found = await load(plan(server.port, requests=1, timeout_s=0.2, **GRANTING))
    assert found.answered == {"grant": 1}
    assert found.errors["increment"] == {"not_sent": 1}
    assert at_least(found.latencies["increment"], 0.2) == 1


async def test_a_granted_increment_whose_new_connection_is_lost_at_once_is_an_error() -> None:
    async with serving(answer) as server, connected(plan(server.port)) as (made, tally):
        lost, *_ = made._connections
        lost.close()
        made._begin(lost, Job("increment", b"", due_s=asyncio.get_running_loop().time()))
        await run_now(made)
    assert tally.now.errors == {"increment": {"connection_lost": 1}}


async def test_what_is_not_sent_in_time_is_an_error_so_that_a_run_ends() -> None:
    async def never(_number: int, _writer: asyncio.StreamWriter) -> None:
        pass

    segments = (Segment(100.0, 100.0, 0.3),)
    async with serving(never) as server:
        found = await load(
            plan(server.port, segments=segments, requests=None, connections=1, timeout_s=0.2)
        )
    errors = found.errors["top"]
    assert errors["not_sent"] > 0
    assert errors["not_sent"] + errors["timeout"] == 30
    assert sum(found.latencies["top"].values()) == 30


async def test_no_connection_at_all_is_told_in_one_sentence() -> None:
    with pytest.raises(CommandFailed, match="took 0 of 4 connections"):
        await load(plan(1))
