"""One log line and one count for every update attempt, whatever became of it."""

from __future__ import annotations

import time

from aiohttp import web
from msgspec import Struct

from scoreboard.domain.errors import Refusal
from scoreboard.domain.increments import Increment, Receipt
from scoreboard.telemetry.logs import write_line
from scoreboard.telemetry.metrics import Metrics

INCREMENT_PATH = "/scores/increment"
APPLIED = "applied"


class Attempt(Struct):
    """An increment that is being looked at, for the client at `address`.

    `known` is what its log line will say; whoever finds something out adds to it. `increment` is
    what was proven. `is_counted` once the limits of address and user are asked, or will be.
    """

    address: str
    request_id: str
    known: dict[str, object]
    started_s: float
    is_counted: bool = False
    increment: Increment | None = None

    def note(self, receipt: Receipt) -> None:
        """It is applied."""
        self.known["event_id"] = receipt.event_id
        self.known["version"] = receipt.version


ATTEMPT = web.RequestKey("attempt", Attempt)


class Attempts:
    """Watches increments from the first limit on: what never reaches its handler counts too."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def begin(self, request_id: str, address: str) -> Attempt:
        """A new one."""
        return Attempt(address, request_id, {"request_id": request_id}, time.perf_counter())

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


def is_increment(request: web.Request) -> bool:
    """Whether the address and the method are those of an increment."""
    resource = request.match_info.route.resource  # None where nothing matched
    return resource is not None and resource.canonical.endswith(INCREMENT_PATH)
