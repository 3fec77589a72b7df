"""Holding the port that all workers listen on."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress

from scoreboard.domain.errors import ConfigurationError
from scoreboard.ports import port_refused
from scoreboard.telemetry.logs import get_log

SHARE_PORT: int | None = getattr(socket, "SO_REUSEPORT", None)
RETRY_S = 0.2

Address = tuple[str | int, ...]


class PortShared(ConfigurationError):
    """The port is taken by processes of the same user that share it among themselves."""


async def until_reserved(stack: AsyncExitStack, host: str, port: int, patience_s: float) -> int:
    """The port, held as `reserve_port` does until the stack is left.

    Those that share it are waited for, which is logged once: where a supervisor was killed, its
    workers drain, then end. Raises ConfigurationError at once where others have it.
    """
    deadline_s = time.monotonic() + patience_s
    is_told = False
    while True:
        try:
            return stack.enter_context(reserve_port(host, port))
        except PortShared as error:
            if time.monotonic() >= deadline_s:
                raise
            if not is_told:
                log = get_log("supervisor")
                log.warning("waiting for the port", reason=str(error), longest_s=patience_s)
                is_told = True
        await asyncio.sleep(RETRY_S)


@contextmanager
def reserve_port(host: str, port: int, share: int | None = SHARE_PORT) -> Iterator[int]:
    """The port, chosen where `port` is 0, bound but not listened on while the block runs.

    It stays the workers' own even while none of them lives. Raises ConfigurationError where it is
    taken (PortShared where it is shared), or where the system lacks the socket option `share`.
    """
    if share is None:
        raise ConfigurationError(
            "This system cannot share a port between processes (it has no SO_REUSEPORT). "
            "Start one `scoreboard serve` for each port instead of --workers."
        )
    with ExitStack() as stack:
        try:
            for family, *_, address in socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            ):
                at = (address[0], port, *address[2:])
                _check_alone(family, at, share)
                held = stack.enter_context(_bind(family, at, share))
                port = held.getsockname()[1]
        except OSError as error:
            raise port_refused(host, port, "SCOREBOARD_PORT", error) from error
        yield port


def _check_alone(family: int, address: Address, share: int) -> None:
    """Raises OSError where the address is taken, PortShared where it is shared."""
    try:
        # With the option set, others that share the port would not be noticed.
        _bind(family, address, None).close()
    except OSError as error:
        with suppress(OSError):
            _bind(family, address, share).close()
            raise PortShared(
                f"Port {address[1]} on {address[0]} is shared by workers of another "
                "`scoreboard serve`. End it, or choose another port with SCOREBOARD_PORT."
            ) from error
        raise


def _bind(family: int, address: Address, share: int | None) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if share is not None:
            bound.setsockopt(socket.SOL_SOCKET, share, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
