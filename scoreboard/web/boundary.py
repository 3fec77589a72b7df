"""The middleware that every request passes: identity, limits, and refusals made into problems."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from scoreboard.domain.errors import (
    Internal,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    Refusal,
)
from scoreboard.telemetry.logs import get_log
from scoreboard.web.addresses import address_of
from scoreboard.web.attempts import APPLIED, ATTEMPT, Attempt, is_increment
from scoreboard.web.problems import HOUSE_HEADERS, Problem, render_problem
from scoreboard.web.reception import Reception

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
UNLIMITED_PATHS = frozenset({"/healthz", "/readyz"})
READS = frozenset({"GET", "HEAD"})
SOCKET_PATHS = frozenset({"/ws", "/sse"})
"""Sockets stay for hours and have seats of their own: they are no requests at work."""


class Boundary:
    """What stands between the network and the handlers."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._log = get_log("web")

    def middleware(self) -> Middleware:
        """The aiohttp middleware."""

        @web.middleware
        async def pass_boundary(request: web.Request, handler: Handler) -> web.StreamResponse:
            request_id = self._reception.request_id(request.headers)
            request[REQUEST_ID] = request_id
            weight = int(request.path not in SOCKET_PATHS)
            self._reception.at_work += weight
            try:
                response = await self._answer(request, handler)
            except Refusal as refusal:
                response = await self._refuse(request, refusal)
            except Exception:  # noqa: BLE001 - the last net: no stack reaches a client
                self._log.exception("request failed", request_id=request_id)
                response = _response(render_problem(Internal(), request_id))
            finally:
                self._reception.at_work -= weight
            if not response.prepared:
                response.headers["X-Request-ID"] = request_id
                response.headers.update(HOUSE_HEADERS)
            return response

        return pass_boundary

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in UNLIMITED_PATHS:
            return await _handle(handler, request)
        address = self._address(request)
        if is_increment(request):
            return await self._answer_attempt(request, handler, address)
        self._check_load()
        limiter = self._reception.ip_limiter
        admit = limiter.admit_read if request.method in READS else limiter.admit
        await admit(address)
        return await _handle(handler, request)

    async def _answer_attempt(
        self, request: web.Request, handler: Handler, address: str
    ) -> web.StreamResponse:
        attempts = self._reception.attempts
        attempt = request[ATTEMPT] = attempts.begin(request[REQUEST_ID], address)
        outcome, refused = Internal.code, None
        try:
            response = await self._try(request, handler, attempt)
            outcome = APPLIED
        except Refusal as refusal:
            outcome, refused = refusal.code, refusal
            raise
        finally:
            attempts.end(attempt, outcome, refused)
        return response

    async def _try(
        self, request: web.Request, handler: Handler, attempt: Attempt
    ) -> web.StreamResponse:
        """An increment counts for its address together with its user, in one round trip.

        One that does not come so far counts here. Who is over the limit learns that first, and
        costs no signature check while Redis' last refusal stands.
        """
        self._check_load()
        limiter = self._reception.ip_limiter
        limiter.limit.refuse_known(attempt.address)
        await limiter.settle(attempt.address)
        try:
            return await _handle(handler, request)
        except Refusal as refusal:
            raise await self._reception.charge(attempt, refusal) from refusal.__cause__

    def _address(self, request: web.Request) -> str:
        return address_of(self._reception.client_address, request)

    def _check_load(self) -> None:
        if self._reception.is_overcrowded:
            raise Overloaded

    async def _refuse(self, request: web.Request, refusal: Refusal) -> web.Response:
        problem = await self._reception.describe(
            refusal, request[REQUEST_ID], self._address(request)
        )
        response = _response(problem)
        if isinstance(refusal, MethodNotAllowed) and isinstance(
            refusal.__cause__, web.HTTPMethodNotAllowed
        ):
            response.headers["Allow"] = refusal.__cause__.headers["Allow"]
        return response


def _response(problem: Problem) -> web.Response:
    return web.Response(status=problem.status, body=problem.body, headers=problem.headers)


async def _handle(handler: Handler, request: web.Request) -> web.StreamResponse:
    """The handler's answer; what aiohttp itself refuses is raised as a Refusal too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        raise _as_refusal(error) from error


def _as_refusal(error: web.HTTPException) -> Refusal:
    if isinstance(error, web.HTTPNotFound):
        return NotFound()
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed()
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return PayloadTooLarge()
    raise error
