"""What clients meet first: TLS, proxies, origins, and the ports."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime
from typing import Any

import aiohttp

from cli.doctor.examination import Examination, Report
from cli.doctor.tls import check_tls
from cli.doctor.verdicts import Verdict, ok, problem, warning
from scoreboard.settings import Network, Settings

PROBE_S = 3.0
BODY_MAX_BYTES = 1 << 20
CHECKS = ("tls", "proxies", "origins", "port", "admin-port")
OK = 200
Address = tuple[int, int, int, tuple[Any, ...]]
"""Family, kind, protocol and address of a socket."""

_HINT = "scheme://host[:port], such as https://game.example"


def edge_examination(settings: Settings) -> Examination:
    """Every check of the public side."""

    async def look(report: Report) -> None:
        report.add("tls", check_tls(settings.tls_cert, settings.tls_key, datetime.now(UTC)))
        report.add("proxies", check_proxies(settings))
        report.add("origins", check_origins(settings.allowed_origins))
        await report.ask("port", check_port(settings))
        await report.ask("admin-port", check_admin_port(settings))

    return Examination(CHECKS, look)


def check_proxies(settings: Settings) -> Verdict:
    """Whose X-Forwarded-For is believed."""
    wide = [str(each) for each in settings.trusted_proxies if _is_everybody(each)]
    if wide:
        return problem(
            f"SCOREBOARD_TRUSTED_PROXIES has {', '.join(wide)}: every client can claim any address",
            "Name the balancer's own networks only.",
        )
    if settings.trusted_proxies:
        shown = ", ".join(map(str, settings.trusted_proxies))
        return ok(f"X-Forwarded-For is believed of {shown}")
    return ok(
        "SCOREBOARD_TRUSTED_PROXIES is not set: behind a proxy all clients would share one "
        "rate limit"
    )


def check_origins(origins: tuple[str, ...]) -> Verdict:
    """Which pages may connect."""
    if "*" in origins:
        return warning(
            "pages of every origin may open a WebSocket",
            "Name the game's own in SCOREBOARD_ALLOWED_ORIGINS.",
        )
    for origin in origins:
        scheme, _, host = origin.rstrip("/").partition("://")
        if scheme.lower() not in {"http", "https"} or not host or "/" in host:
            return problem(
                f"SCOREBOARD_ALLOWED_ORIGINS has {origin}, which no browser sends",
                f"Write it as {_HINT}.",
            )
    return ok(", ".join(("the service's own", *origins)))


async def check_port(settings: Settings, limit_s: float = PROBE_S) -> Verdict:
    """Whether an instance answers there, and what it says; else whether the port is free."""
    if not settings.port:
        return ok("0: the system chooses one at the start")
    scheme = "https" if settings.tls_cert else "http"
    place = await _resolve(settings.host, settings.port, "SCOREBOARD_PORT", limit_s)
    if isinstance(place, Verdict):
        return place
    answer = await _get(scheme, place, "/readyz", limit_s)
    if answer is None:
        return _check_free(place, settings.host, "SCOREBOARD_PORT")
    return _judge_answer(settings.port, *answer)


def _judge_answer(port: int, status: int, body: bytes) -> Verdict:
    try:
        document = json.loads(body)
        state = str(document["status"])
        down = [name for name, how in document["dependencies"].items() if how != "up"]
    except (ValueError, LookupError, TypeError, AttributeError):
        return _taken(port, "SCOREBOARD_PORT")
    if status != OK:
        return warning(f"an instance answers and is {state}", "Wait until it has ended.")
    if down:
        return warning(
            f"an instance is ready, but says that {', '.join(down)} is down", "See its check here."
        )
    return ok("an instance is ready, and so is all that it needs")


async def check_admin_port(settings: Settings, limit_s: float = PROBE_S) -> Verdict:
    """The same of the port for metrics."""
    if not settings.admin_port:
        return ok("0: the system chooses one at the start")
    name = "SCOREBOARD_ADMIN_PORT"
    place = await _resolve(settings.admin_host, settings.admin_port, name, limit_s)
    if isinstance(place, Verdict):
        return place
    answer = await _get("http", place, "/metrics", limit_s)
    if answer is None:
        return _check_free(place, settings.admin_host, name)
    if b"scoreboard_" not in answer[1]:
        return _taken(settings.admin_port, name)
    return ok("an instance serves its metrics")


async def _resolve(host: str, port: int, setting: str, limit_s: float) -> Address | Verdict:
    """Where the service would listen; a problem where no name server knows in time."""
    try:
        async with asyncio.timeout(limit_s):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except TimeoutError:
        return problem(
            f"no name server tells within {limit_s:g} s what {host} is",
            f"Write an address into {_host_of(setting)}, or correct this machine's name servers.",
        )
    except OSError as error:
        return _unusable(host, port, setting, error)
    family, kind, protocol, _, address = found[0]
    return family, kind, protocol, address


async def _get(scheme: str, place: Address, path: str, limit_s: float) -> tuple[int, bytes] | None:
    """Status and body; None where nothing listens. Empty where it speaks no HTTP, or too slowly."""
    host: str = place[-1][0]
    port = place[-1][1]
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asks, not binds
    shown = f"[{address}]" if ":" in address else address
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit_s))
    try:
        # The certificate is for the public name, and is looked at by itself.
        async with session, session.get(f"{scheme}://{shown}:{port}{path}", ssl=False) as response:
            return response.status, await response.content.read(BODY_MAX_BYTES)
    except aiohttp.ClientConnectorError:
        return None
    except (aiohttp.ClientError, TimeoutError):
        return 0, b""


def _check_free(place: Address, host: str, setting: str) -> Verdict:
    *kind, address = place
    port = address[1]
    try:
        with socket.socket(*kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return _unusable(host, port, setting, error)
    return ok(f"{port} is free: no instance serves here")


def _unusable(host: str, port: int, setting: str, error: OSError) -> Verdict:
    return problem(
        f"port {port} on {host} cannot be opened ({error.strerror or error})",
        f"Choose another with {setting} or {_host_of(setting)}.",
    )


def _host_of(setting: str) -> str:
    return setting.replace("PORT", "HOST")


def _taken(port: int, setting: str) -> Verdict:
    return problem(
        f"something that is no scoreboard listens on port {port}", f"Choose another with {setting}."
    )


def _is_everybody(network: Network) -> bool:
    return network.prefixlen == 0
