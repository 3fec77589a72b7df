"""Whose request it is: the address that limits count."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from aiohttp import web

from scoreboard.settings import Network


def client_address(trusted: tuple[Network, ...]) -> Callable[[web.Request], str]:
    """A function from a request to its client's address.

    X-Forwarded-For is read from the right, past trusted proxies, and only when the peer itself is
    one: whatever a client wrote into it stands further left. IPv6 clients count by their /64.
    """

    def find(request: web.Request) -> str:
        address = request.remote or "unknown"
        if not trusted or not _is_in(address, trusted):
            return _network(address)
        hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        for hop in reversed([hop.strip() for hop in hops if hop.strip()]):
            address = hop
            if not _is_in(hop, trusted):
                break
        return _network(address)

    return find


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _network(address: str) -> str:
    """What one client can choose freely is counted as one."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False).network_address)
