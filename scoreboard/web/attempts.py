"""One log line and one count for every update attempt, whatever became of it."""

from __future__ import annotations

import time

from aiohttp import web
from msgspec import Struct

from scoreboard.domain.errors import Refusal
from scoreboard.telemetry.logs import write_line
from scoreboard.telemetry.metrics import Metrics

INCREMENT_PATH = "/scores/increment"
APPLIED = "applied"


class Attempt(Struct):
    """An increment that is being looked at, for the client at `address`.

    `known` is what is known about it so far; the handler adds to it. `is_counted` once the limits
    of address and user are asked.
    """

    address: str
    known: dict[str, object]
    is_counted: bool = False
    started_s: float = 0.0


ATTEMPT = web.RequestKey("attempt", Attempt)


class Attempts:
    """Watches increments from the first limit on: what never reaches its handler counts too."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def begin(self, request: web.Request, request_id: str, address: str) -> Attempt | None:
        """The attempt that the request is; None where its address or method is another."""
        if not _is_increment(request):
            return None
        attempt = Attempt(address, {"request_id": request_id}, started_s=time.perf_counter())
        request[ATTEMPT] = attempt
        return attempt

    def end(self, attempt: Attempt, outcome: str, refusal: Refusal | None = None) -> None:
        """Counts and logs it."""
        if outcome == APPLIED:
            self._metrics.increments.inc()
        else:
            self._metrics.increment_failures.labels(outcome).inc()
        line = attempt.known
        line["room"] = "increments"
        line["outcome"] = outcome
        line["took_ms"] = round((time.perf_counter() - attempt.started_s) * 1000, 2)
        if refusal is not None and refusal.__cause__ is not None:
            line["cause"] = type(refusal.__cause__).__name__
        write_line("increment", line)


def _is_increment(request: web.Request) -> bool:
    """Whether the address and the method are those of an increment."""
    resource = request.match_info.route.resource  # None where nothing matched
    return resource is not None and resource.canonical.endswith(INCREMENT_PATH)
