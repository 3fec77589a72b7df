"""Requests, sent again where that is safe, until they are answered or patience ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scoreboard.client.errors import NotAScoreboard, Unanswered
from scoreboard.client.policy import FIRST_S, LONGEST_S, read_retry_after
from scoreboard.client.problems import PROBLEMS, OutcomeUnknown, Problem

PASSING = frozenset({"overloaded", "rate_limited", "storage_unavailable", "outcome_unknown"})
"""Refusals after which the same request is sent again."""

GATEWAY = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""What a proxy says, without a code, where it got no answer itself."""


class Request(Struct, frozen=True):
    """What is sent, each time with the same bytes and the token of the time.

    `was_lost`: it may have been carried out before, and only the answer was lost.
    """

    method: str
    path: str
    headers: dict[str, str] = {}
    body: bytes | None = None
    was_lost: bool = False


class Answer(Struct, frozen=True):
    """A success."""

    body: bytes
    headers: Mapping[str, str]


class Sender:
    """Sends to one service. An attempt takes `timeout_s` at most, all of them `patience_s`."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, timeout_s: float, patience_s: float
    ) -> None:
        self._session = session
        self._base_url = base_url
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._patience_s = patience_s
        self._chance = random.SystemRandom()

    async def send(self, request: Request, bearer: str | None) -> Answer:
        """The answer. Raises Problem, whose `was_lost` is the request's, Unanswered,
        NotAScoreboard.
        """
        clock = asyncio.get_running_loop().time
        ends_s, longest_s = clock() + self._patience_s, FIRST_S
        while True:
            outcome = await self._attempt(request, bearer)
            if isinstance(outcome, Answer):
                return outcome
            request = replace(request, was_lost=request.was_lost or _may_be_done(outcome))
            pause_s = outcome.retry_after_s + self._chance.uniform(0.0, longest_s)
            if not _is_passing(outcome) or clock() + pause_s > ends_s:
                outcome.was_lost = request.was_lost
                raise outcome
            await asyncio.sleep(pause_s)
            longest_s = min(LONGEST_S, longest_s * 2)

    async def _attempt(self, request: Request, bearer: str | None) -> Answer | Problem | Unanswered:
        own = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        try:
            async with self._session.request(
                request.method,
                self._base_url + request.path,
                data=request.body,
                headers=request.headers | own,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return _judge(response.status, response.headers, await response.read())
        except aiohttp.ClientConnectorError as error:
            return Unanswered(f"{self._base_url} cannot be reached: {error}", was_sent=False)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Unanswered(f"{self._base_url} did not answer: {error}")


def _judge(status: int, headers: Mapping[str, str], body: bytes) -> Answer | Problem | Unanswered:
    """Raises NotAScoreboard for what no scoreboard answers."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(body, headers)
    members = _members(body)
    code = members.get("code")
    retry_after_s = read_retry_after(headers)
    if isinstance(code, str):
        return PROBLEMS.get(code, Problem)(status, members, retry_after_s)
    if status in GATEWAY:
        return Unanswered(f"a gateway answered {status}", retry_after_s=retry_after_s)
    if status >= HTTPStatus.BAD_REQUEST:
        return Problem(status, members, retry_after_s)
    raise NotAScoreboard(f"it answered {status}")


def _members(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _is_passing(outcome: Problem | Unanswered) -> bool:
    if isinstance(outcome, Unanswered):
        return True
    return outcome.code in PASSING or outcome.status == HTTPStatus.TOO_MANY_REQUESTS


def _may_be_done(outcome: Problem | Unanswered) -> bool:
    if isinstance(outcome, Unanswered):
        return outcome.was_sent
    return isinstance(outcome, OutcomeUnknown)
