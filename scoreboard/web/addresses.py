"""Whose request it is: the address that limits count."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import lru_cache

from aiohttp import web
from multidict import CIMultiDictProxy

from scoreboard.settings import Network

UNKNOWN = "unknown"
ADDRESS_MAX = 64
"""Characters; longer is no address, and not worth remembering."""
HOPS_MAX = 2 * ADDRESS_MAX
"""Characters of an X-Forwarded-For that is remembered."""
KNOWN_MAX = 10_000
"""Addresses remembered: to parse one takes longer than to verify a signature."""


ClientAddress = Callable[[str | None, CIMultiDictProxy[str]], str]
"""From a peer's address and the headers it sent to the client's address."""


def address_of(find: ClientAddress, request: web.Request) -> str:
    """The address of a request's client."""
    return find(request.remote, request.headers)


def client_address(trusted: tuple[Network, ...]) -> ClientAddress:
    """Finds the clients behind trusted proxies.

    X-Forwarded-For is read from the right, past trusted proxies, and only when the peer itself is
    one: whatever a client wrote into it stands further left. IPv6 clients count by their /64.
    """

    @lru_cache(KNOWN_MAX)
    def look_at(address: str) -> tuple[str, bool]:
        return _network(address), _is_in(address, trusted)

    def read(client: str, hops: str) -> str:
        for hop in reversed([hop.strip() for hop in hops.split(",") if hop.strip()]):
            client, is_trusted = look_at(hop if len(hop) <= ADDRESS_MAX else UNKNOWN)
            if not is_trusted:
                break
        return client

    read_again = lru_cache(KNOWN_MAX)(read)

    def find(peer: str | None, headers: CIMultiDictProxy[str]) -> str:
        client, is_trusted = look_at(peer or UNKNOWN)
        if not is_trusted:
            return client
        hops = ",".join(headers.getall("X-Forwarded-For", ()))
        # A proxy writes the same for a client each time, and whoever writes much is not remembered.
        return read_again(client, hops) if len(hops) <= HOPS_MAX else read(client, hops)

    return find


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _network(address: str) -> str:
    """What one client can choose freely is counted as one; so is all that is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False).network_address)
