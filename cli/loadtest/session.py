"""An HTTP session for the probe and the watchers, whose requests go where the load goes."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from cli.loadtest.plan import Target


class Pinned(AbstractResolver):
    """Knows one address, whatever the name: a host's others may be machines nobody asked about."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """aiohttp's."""
        is_new = ip_address(self._address.partition("%")[0]).version == 6  # noqa: PLR2004 - IPv6
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=port,
                family=socket.AF_INET6 if is_new else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """aiohttp's."""


def open_session(target: Target) -> aiohttp.ClientSession:
    """A context manager; any number of connections may be open at a time."""
    connector = aiohttp.TCPConnector(limit=0, resolver=Pinned(target.address))
    return aiohttp.ClientSession(connector=connector)
