"""Two `serve` processes behind a real HAProxy, as deploy/compose.yaml arranges them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.checker import until
from tests.deploy.haproxy import PrivateHAProxy
from tests.harness import Backends
from tests.processes import ServeProcess, serving
from tests.servers.rabbitmq import free_ports

SETTINGS = {
    "instances": "2",
    "trusted_proxies": "127.0.0.1/32",
    "drain_notice_s": "1.5",  # longer than the balancer needs to notice
    "rate_ip_per_s": "100000",
    "rate_ip_burst": "100000",
    "rate_user_per_s": "10000",
    "rate_user_burst": "10000",
}


class Topology:
    """The balancer's address and its instances, each on a port that it keeps."""

    def __init__(self, backends: Backends, stack: AsyncExitStack) -> None:
        self._backends = backends
        self._stack = stack
        self.ports = free_ports(2)
        self._processes: dict[int, ServeProcess] = {}
        self.url = ""

    async def start(self, number: int) -> None:
        """Starts instance 0 or 1, for the first time or again."""
        own = {"port": str(self.ports[number]), "amqp_url": self._backends.amqp_url}
        process = serving(self._backends, **SETTINGS | own)
        self._processes[number] = await self._stack.enter_async_context(process)

    async def kill(self, number: int) -> None:
        """Ends it as a power failure would."""
        process = self._processes[number].process
        process.kill()
        await process.wait()

    async def stop(self, number: int) -> int:
        """Sends SIGTERM and waits; the exit code."""
        process = self._processes[number].process
        process.send_signal(signal.SIGTERM)
        return await process.wait()

    async def applied(self, number: int) -> int:
        """How many increments the instance has applied since its start."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._processes[number].admin_url}/metrics") as answer,
        ):
            lines = (await answer.text()).splitlines()
        name = "score_increment_total "
        return sum(int(float(line.split()[1])) for line in lines if line.startswith(name))

    async def is_used(self, number: int) -> None:
        """Waits until the instance has applied increments, which the balancer gave it."""

        async def has_applied() -> bool:
            return await self.applied(number) > 0

        await until(has_applied)


@asynccontextmanager
async def balanced(backends: Backends, folder: Path) -> AsyncIterator[Topology]:
    """Both instances serve, and the balancer gives them requests."""
    async with AsyncExitStack() as stack:
        topology = Topology(backends, stack)
        await asyncio.gather(topology.start(0), topology.start(1))
        topology.url = stack.enter_context(PrivateHAProxy(folder, topology.ports)).url
        yield topology
