"""The middleware that every request passes: identity, limits, and refusals made into problems."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from scoreboard.domain.errors import (
    Internal,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    RateLimited,
    Refusal,
)
from scoreboard.settings import Settings
from scoreboard.standings.limits import RateLimiter
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics
from scoreboard.web.attempts import APPLIED, Attempt, Attempts
from scoreboard.web.problems import AUTH_CODES, rate_policies, render_problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
UNLIMITED_PATHS = frozenset({"/healthz", "/readyz"})
READS = frozenset({"GET", "HEAD"})
SOCKET_PATHS = frozenset({"/ws", "/sse"})
"""Sockets stay for hours and have seats of their own: they are no requests at work."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)


class Boundary:
    """What stands between the network and the handlers."""

    def __init__(
        self,
        ip_limiter: RateLimiter,
        client_ip: Callable[[web.Request], str],
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._ip_limiter = ip_limiter
        self._client_ip = client_ip
        self._metrics = metrics
        self._attempts = Attempts(metrics)
        self._policies = rate_policies(settings)
        self._requests_max = settings.requests_max
        self._failure_cost = settings.rate_ip_failure_cost
        self._at_work = 0
        self._numbers = itertools.count(1)
        # No two starts share request ids, even under one name.
        self._id_head = f"{settings.instance_id}-{secrets.token_hex(3)}"
        self._log = get_log("web")

    def middleware(self) -> Middleware:
        """The aiohttp middleware."""

        @web.middleware
        async def pass_boundary(request: web.Request, handler: Handler) -> web.StreamResponse:
            request_id = self._request_id(request)
            request[REQUEST_ID] = request_id
            weight = int(request.path not in SOCKET_PATHS)
            self._at_work += weight
            try:
                response = await self._answer(request, handler)
            except Refusal as refusal:
                response = await self._refuse(request, refusal)
            except Exception:  # noqa: BLE001 - the last net: no stack reaches a client
                self._log.exception("request failed", request_id=request_id)
                response = render_problem(Internal(), request_id)
            finally:
                self._at_work -= weight
            if not response.prepared:
                response.headers["X-Request-ID"] = request_id
                response.headers["X-Content-Type-Options"] = "nosniff"
                response.headers["Server"] = "scoreboard"
            return response

        return pass_boundary

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in UNLIMITED_PATHS:
            return await _handle(handler, request)
        address = self._client_ip(request)
        attempt = self._attempts.begin(request, request[REQUEST_ID], address)
        if attempt is None:
            self._check_load()
            admit = (
                self._ip_limiter.admit_read if request.method in READS else self._ip_limiter.admit
            )
            await admit(address)
            return await _handle(handler, request)
        outcome, refused = Internal.code, None
        try:
            response = await self._answer_attempt(request, handler, attempt)
            outcome = APPLIED
        except Refusal as refusal:
            outcome, refused = refusal.code, refusal
            raise
        finally:
            self._attempts.end(attempt, outcome, refused)
        return response

    async def _answer_attempt(
        self, request: web.Request, handler: Handler, attempt: Attempt
    ) -> web.StreamResponse:
        """An increment counts for its address together with its user, in one round trip.

        One that does not come so far counts here. Who is over the limit learns that first, and
        costs no signature check while Redis' last refusal stands.
        """
        self._check_load()
        self._ip_limiter.limit.refuse_known(attempt.address)
        await self._ip_limiter.settle(attempt.address)
        try:
            return await _handle(handler, request)
        except Refusal:
            if not attempt.is_counted:
                await self._ip_limiter.admit(attempt.address)
            raise

    def _check_load(self) -> None:
        if self._at_work > self._requests_max:
            raise Overloaded

    async def _refuse(self, request: web.Request, refusal: Refusal) -> web.Response:
        if refusal.code in AUTH_CODES:
            self._metrics.auth_failures.labels(refusal.code).inc()
            await self._ip_limiter.penalise(self._client_ip(request), self._failure_cost)
        response = render_problem(refusal, request[REQUEST_ID])
        if isinstance(refusal, RateLimited):
            self._metrics.rate_limited.labels(refusal.policy).inc()
            response.headers["RateLimit-Policy"] = self._policies[refusal.policy]
        if isinstance(refusal, MethodNotAllowed) and isinstance(
            refusal.__cause__, web.HTTPMethodNotAllowed
        ):
            response.headers["Allow"] = refusal.__cause__.headers["Allow"]
        return response

    def _request_id(self, request: web.Request) -> str:
        given = request.headers.get("X-Request-ID")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given
        return f"{self._id_head}-{next(self._numbers):x}"


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
