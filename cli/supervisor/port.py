"""Holding the port that all workers listen on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from scoreboard.domain.errors import ConfigurationError
from scoreboard.ports import port_refused

SHARE_PORT: int | None = getattr(socket, "SO_REUSEPORT", None)


@contextmanager
def reserve_port(host: str, port: int, share: int | None = SHARE_PORT) -> Iterator[int]:
    """The port, chosen where `port` is 0, bound but not listened on while the block runs.

    It stays the workers' own even while none of them lives. Raises ConfigurationError where it is
    taken, or where the system lacks the socket option `share`.
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
                # Others that share the port would not be noticed with the option set.
                _bind(family, at := (address[0], port, *address[2:]), None).close()
                held = stack.enter_context(_bind(family, at, share))
                port = held.getsockname()[1]
        except OSError as error:
            raise port_refused(host, port, "SCOREBOARD_PORT", error) from error
        yield port


def _bind(family: int, address: tuple[str | int, ...], share: int | None) -> socket.socket:
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
