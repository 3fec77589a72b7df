"""Reads a scoreboard over HTTP, as any client does."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from cli.output import CommandFailed, plain_line
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.standings import Entry

TIMEOUT_S = 10.0
OK = 200


class Top(Struct, frozen=True, rename="camel"):
    """The answer of `GET /scores/top`."""

    entries: tuple[Entry, ...]
    generated_at: str


class Problem(Struct, frozen=True):
    """What is read of a problem document (RFC 9457)."""

    code: str = ""
    detail: str = ""
    policy: str = ""


async def fetch_top(base_url: str, board: BoardId, limit: int) -> Top:
    """The first entries of a board. Raises CommandFailed."""
    address = f"{base_url}/boards/{board}/scores/top?limit={limit}"
    status, body = await _get(address, base_url)
    if status != OK:
        raise CommandFailed(f"{base_url} answered {status}: {read_problem(body).detail}")
    try:
        return msgspec.json.decode(body, type=Top)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{base_url} is no scoreboard: it sent no top list.") from error


def read_problem(body: bytes, otherwise: str = "unexplained") -> Problem:
    """The problem that a response carries, without control characters.

    Where it carries none it is one with the code `otherwise`.
    """
    try:
        found = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = Problem()
    if not found.code:
        return Problem(otherwise, "it does not say why.")
    return Problem(plain_line(found.code), plain_line(found.detail), plain_line(found.policy))


async def _get(address: str, base_url: str) -> tuple[int, bytes]:
    import aiohttp  # noqa: PLC0415 - whoever only reads problems does without

    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(address) as response,
        ):
            return response.status, await response.read()
    except TimeoutError as error:
        raise CommandFailed(f"{base_url} did not answer within {TIMEOUT_S:.0f} s.") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise CommandFailed(
            f"{base_url} cannot be reached: start it with `scoreboard dev`, "
            "or name another with --url."
        ) from error
