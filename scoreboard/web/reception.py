"""What every request meets, whichever way it takes: an id, an address, limits, and a no in form."""

from __future__ import annotations

import itertools
import re
import secrets

from multidict import CIMultiDictProxy

from scoreboard.domain.errors import RateLimited, Refusal
from scoreboard.settings import Settings
from scoreboard.standings.limits import RateLimiter
from scoreboard.telemetry.metrics import Metrics
from scoreboard.web.addresses import ClientAddress
from scoreboard.web.attempts import Attempt, Attempts
from scoreboard.web.problems import AUTH_CODES, Problem, rate_policies, render_problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)


class Reception:
    """Shared by the middleware and the express lane."""

    def __init__(
        self,
        ip_limiter: RateLimiter,
        client_address: ClientAddress,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self.ip_limiter = ip_limiter
        self.client_address = client_address
        self.attempts = Attempts(metrics)
        self.at_work = 0
        """Requests that are neither answered nor gone."""
        self._metrics = metrics
        self._requests_max = settings.requests_max
        self._policies = rate_policies(settings)
        self._failure_cost = settings.rate_ip_failure_cost
        self._numbers = itertools.count(1)
        # No two starts share request ids, even under one name.
        self._id_head = f"{settings.instance_id}-{secrets.token_hex(3)}"

    @property
    def is_full(self) -> bool:
        """Whether one request more would be too many."""
        return self.at_work >= self._requests_max

    @property
    def is_overcrowded(self) -> bool:
        """Whether one of those at work is too many."""
        return self.at_work > self._requests_max

    def request_id(self, headers: CIMultiDictProxy[str]) -> str:
        """The id that the client gave its request, or a new one."""
        given = headers.get("X-Request-ID")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given
        return f"{self._id_head}-{next(self._numbers):x}"

    async def charge(self, attempt: Attempt, refusal: Refusal) -> Refusal:
        """What a refused attempt's client is told: that it is over its limit, where it is.

        An attempt that came as far as a batch is counted with that.
        """
        if not attempt.is_counted:
            try:
                await self.ip_limiter.admit(attempt.address)
            except RateLimited as limited:
                return limited
        return refusal

    async def describe(self, refusal: Refusal, request_id: str, address: str) -> Problem:
        """The problem; failed authorisation weighs more against the address."""
        if refusal.code in AUTH_CODES:
            self._metrics.auth_failures.labels(refusal.code).inc()
            await self.ip_limiter.penalise(address, self._failure_cost)
        problem = render_problem(refusal, request_id)
        if isinstance(refusal, RateLimited):
            self._metrics.rate_limited.labels(refusal.policy).inc()
            problem.headers["RateLimit-Policy"] = self._policies[refusal.policy]
        return problem
