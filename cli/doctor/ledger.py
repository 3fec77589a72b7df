"""What waits in the ledger, who leads, and what time it is there: as the service sees it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cli.doctor.examination import Report
from cli.doctor.verdicts import Verdict, ok, problem, warning
from scoreboard.ledger.session import Session
from scoreboard.ledger.statements import load_query
from scoreboard.settings import Settings

CHECKS = ("clock", "outbox", "leader", "standings-gaps")

CLOCK_SAMPLES = 5
CLOCK_WARNING_S = 1.0
OUTBOX_WARNING_S = 5.0
OUTBOX_PROBLEM_S = 30.0
OUTBOX_ROWS = 10_000
GAP_PROBLEM_S = 60.0
LEASE = "relay"

START_LEADER = (
    "Start an instance with `scoreboard serve`; one whose SCOREBOARD_ROLES has relay leads."
)


async def look(session: Session, report: Report, settings: Settings) -> None:
    """Adds every check of this module; `session` is of the service's role."""
    await report.ask("clock", check_clock(session, settings.clock_leeway_s))
    await report.ask("outbox", check_outbox(session))
    await report.ask("leader", check_leader(session))
    await report.ask("standings-gaps", check_gaps(session))


async def check_clock(
    session: Session, leeway_s: float, wall_s: Callable[[], float] = time.time
) -> Verdict:
    """How far this machine's clock is from the database's, which decides."""
    offset_s, error_s = await _measure_offset(session, wall_s)
    direction = "behind" if offset_s > 0 else "ahead of"
    found = (
        f"this machine is {abs(offset_s) * 1000:,.0f} ms {direction} the database "
        f"(± {error_s * 1000:.1f} ms)"
    )
    remedy = "Let both follow a time server: timedatectl set-ntp true"
    certain_s = abs(offset_s) - error_s
    if certain_s > max(leeway_s, CLOCK_WARNING_S):
        return problem(f"{found}: tokens made here look expired or not yet valid", remedy)
    return warning(found, remedy) if certain_s > CLOCK_WARNING_S else ok(found)


async def _measure_offset(session: Session, wall_s: Callable[[], float]) -> tuple[float, float]:
    """Seconds that the database is ahead, and the error: half of the shortest round trip."""
    query = load_query("read_clock")
    samples = []
    for _ in range(CLOCK_SAMPLES):
        asked_s, asked_wall_s = time.monotonic(), wall_s()
        database_s = await session.fetchval(query)
        half_s = (time.monotonic() - asked_s) / 2
        samples.append((half_s, database_s - (asked_wall_s + half_s)))
    error_s, offset_s = min(samples)
    return offset_s, error_s


async def check_outbox(session: Session) -> Verdict:
    """Whether events leave the outbox."""
    state = await session.fetchrow(load_query("read_outbox_state"))
    if not state["depth"]:
        return ok("nothing waits")
    rows = "1 row waits" if state["depth"] == 1 else f"{state['depth']} rows wait"
    found = f"{rows}, the oldest for {state['age_s']:.0f} s"
    remedy = f"See `leader` and `rabbitmq`. {START_LEADER}"
    if state["age_s"] > OUTBOX_PROBLEM_S:
        return problem(f"{found}: nothing relays them", remedy)
    if state["age_s"] > OUTBOX_WARNING_S or state["depth"] >= OUTBOX_ROWS:
        return warning(f"{found}: the relay does not keep up", remedy)
    return ok(found)


async def check_leader(session: Session) -> Verdict:
    """Whether an instance holds the relay's lease."""
    lease = await session.fetchrow(load_query("doctor/read_lease"), LEASE)
    if lease is None:
        return warning("no instance has ever led", START_LEADER)
    if lease["left_s"] <= 0:
        return warning(
            f"no instance leads: the lease of {lease['holder']} ran out {-lease['left_s']:.0f} s "
            "ago",
            START_LEADER,
        )
    return ok(f"{lease['holder']} leads under term {lease['term']}")


async def check_gaps(session: Session) -> Verdict:
    """Whether boards wait to be rebuilt in Redis."""
    gaps = await session.fetch(load_query("doctor/read_gap_ages"))
    if not gaps:
        return ok("Redis missed no change")
    names = ", ".join(gap["board_id"] for gap in gaps[:5])
    found = f"{len(gaps)} board{'' if len(gaps) == 1 else 's'} to be rebuilt in Redis ({names})"
    if gaps[0]["age_s"] > GAP_PROBLEM_S:
        return problem(
            f"{found}, the longest for {gaps[0]['age_s']:.0f} s",
            "See `leader` and `redis`: the instance that leads rebuilds them.",
        )
    return warning(found, "Wait a moment: the instance that leads rebuilds them.")
