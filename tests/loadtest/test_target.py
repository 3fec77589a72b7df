"""The service under test: whose machine it is, and one address for everything that is sent."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from cli.loadtest.plan import Plan
from cli.loadtest.tally import Tally
from cli.loadtest.target import is_of_this_machine, probe
from cli.loadtest.watch import Watch
from cli.loadtest.workload import Workload
from tests.loadtest.service import PATIENCE_S, plan, serving

READY = b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"status":"ready"}'


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_this_machine(address: str) -> None:
    assert is_of_this_machine(address)


@pytest.mark.parametrize(
    "address",
    ["192.0.2.1", "2001:db8::1", "0.0.0.0", "::", "224.0.0.1"],  # noqa: S104 - nothing is bound
)
def test_no_other_address_is_this_machine(address: str) -> None:
    assert not is_of_this_machine(address)


def elsewhere(port: int, **changes: int) -> Plan:
    """A plan whose host's name nobody resolves any more; its address was found before."""
    there = plan(port, **changes)
    host = "scoreboard.invalid"
    return replace(there, target=replace(there.target, host=host, url=f"http://{host}:{port}"))


async def test_the_probe_goes_to_the_address_that_the_load_goes_to() -> None:
    async def answer(_number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(READY)

    async with serving(answer) as server:
        wanted = elsewhere(server.port)
        await probe(wanted, Workload(wanted, None))
    assert server.requests == 2


async def test_watchers_go_to_the_address_that_the_load_goes_to() -> None:
    has_come = asyncio.Event()

    async def note(_number: int, writer: asyncio.StreamWriter) -> None:
        has_come.set()
        writer.close()

    async with serving(note) as server, asyncio.timeout(PATIENCE_S):
        watching = asyncio.create_task(Watch(elsewhere(server.port, watchers=1), Tally()).run())
        await has_come.wait()
        watching.cancel()
        await asyncio.wait([watching])
