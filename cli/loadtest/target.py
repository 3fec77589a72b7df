"""The service to be loaded: where it is, whether it is ours to load, whether it is ready."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import typer

from cli.client import Problem, read_problem
from cli.loadtest.plan import Plan, Target
from cli.loadtest.session import open_session
from cli.loadtest.workload import Job, Workload
from cli.output import CommandFailed
from scoreboard.domain.errors import ConfigurationError

if TYPE_CHECKING:
    import aiohttp

ANY_PORT = 9
PROBE_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
OK = 200
CREATED = 201
UNAUTHORIZED = 401
NOT_FOUND = 404
TOKEN_CODES = frozenset({"action_token_invalid", "insufficient_scope", "action_token_expired"})


class Readiness(msgspec.Struct, frozen=True):
    """The answer of `GET /readyz`."""

    status: str


async def find_target(url: str, is_owned: bool) -> Target:
    """The service at `url`, at the first of its addresses that takes connections.

    Raises CommandFailed where it is away, and BadParameter where the host is another machine and
    the user has not said that it is his.
    """
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if is_tls else 80)
    except ValueError:
        raise typer.BadParameter("--url has a port that is no number.") from None
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query:
        raise typer.BadParameter("--url must be http:// or https:// and a host, without a user.")
    addresses = await _resolve(host, port)
    foreign = [each for each in addresses if not is_of_this_machine(each)]
    if foreign and not is_owned:
        raise typer.BadParameter(
            f"{host} is another machine ({foreign[0]}). Load hurts: only if the server is yours, "
            "say so with --yes-i-own-this-server."
        )
    address = await _first_open(addresses, port, url)
    return Target(url.rstrip("/"), host, port, address, is_tls, parts.path.rstrip("/"))


def is_of_this_machine(address: str) -> bool:
    """Whether an IP address is loopback or one of this machine's own.

    What goes to one's own address comes from it too; no packet is sent to learn that.
    """
    parsed = ip_address(address.partition("%")[0])
    if parsed.is_loopback:
        return True
    family = socket.AF_INET6 if parsed.version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6
    if parsed.is_unspecified or parsed.is_multicast:
        return False
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, ANY_PORT))
        except OSError:
            return False
        source = str(probe.getsockname()[0])
    return ip_address(source.partition("%")[0]) == parsed


async def probe(plan: Plan, workload: Workload) -> None:
    """Asks once for readiness and redeems one increment, if the run will.

    Raises CommandFailed or ConfigurationError, with what to do, where the load would be refused.
    """
    import aiohttp  # noqa: PLC0415 - keeps --help quick

    url = plan.target.url
    try:
        async with open_session(plan.target) as session, asyncio.timeout(PROBE_TIMEOUT_S):
            await _probe_readiness(session, url)
            await _probe_board(session, plan)
            if plan.writes_share > 0:
                await _probe_increment(session, plan, workload)
    except TimeoutError as error:
        raise CommandFailed(f"{url} did not answer within {PROBE_TIMEOUT_S:.0f} s.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise CommandFailed(f"{url} broke off the first request: {error}") from error


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CommandFailed(f"There is no host called {host}.") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def _first_open(addresses: list[str], port: int, url: str) -> str:
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, writer = await asyncio.open_connection(address, port)
        except (OSError, TimeoutError):
            continue
        writer.close()
        return address
    raise CommandFailed(
        f"{url} cannot be reached: start it with `scoreboard dev`, or name another with --url."
    )


async def _probe_readiness(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(f"{url}/readyz", allow_redirects=False) as response:
        body = await response.read()
    try:
        status = msgspec.json.decode(body, type=Readiness).status
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{url} is no scoreboard: its /readyz says nothing.") from error
    if response.status != OK:
        raise CommandFailed(f"{url} is not ready: it is {status}.")


async def _probe_board(session: aiohttp.ClientSession, plan: Plan) -> None:
    address = f"{plan.target.url}/boards/{plan.board}/scores/top?limit=1"
    async with session.get(address, allow_redirects=False) as response:
        body = await response.read()
    if response.status != OK:
        raise _explain(plan.target.url, response.status, read_problem(body))


async def _probe_increment(session: aiohttp.ClientSession, plan: Plan, workload: Workload) -> None:
    job = workload.draw_increment()
    status, body = await _send(session, plan, job)
    if job.operation == "grant" and status == CREATED:
        following = workload.follow(job, body)
        if following is None:
            raise CommandFailed(f"{plan.target.url} is no scoreboard: it granted no action.")
        status, body = await _send(session, plan, following)
    if status != OK:
        raise _explain(plan.target.url, status, read_problem(body))


async def _send(session: aiohttp.ClientSession, plan: Plan, job: Job) -> tuple[int, bytes]:
    """Sends the very request that the load will send."""
    head, _, body = job.request.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = dict(field.split(": ", 1) for field in fields)
    path = line.split(" ")[1].removeprefix(plan.target.path)
    async with session.post(
        plan.target.url + path, data=body, headers=headers, allow_redirects=False
    ) as response:
        return response.status, await response.read()


def _explain(url: str, status: int, problem: Problem) -> Exception:
    if status == UNAUTHORIZED or problem.code in TOKEN_CODES:
        return ConfigurationError(
            f"{url} refuses tokens that are signed with this key file ({problem.code}): "
            "SCOREBOARD_KEYS_FILE must name the one that the service verifies with."
        )
    return CommandFailed(f"{url} answered {status} ({problem.code}): {problem.detail}")
