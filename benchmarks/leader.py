"""One user who leads everybody, so that each of his increments changes what all screens show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import asyncpg

from benchmarks.bench import Bench
from benchmarks.closed_loop import send_all
from benchmarks.requests import made_up_users
from benchmarks.targets import Target
from benchmarks.watchers import Screens, commit_to_screen_s
from benchmarks.watching import Arrivals
from scoreboard.domain.identifiers import UserId

LEADERS = [UserId(f"ffffffff-0000-4000-8000-{number:012}") for number in range(1, 11)]
LEADER = LEADERS[0]
LEAD, AHEAD = 1_000_000, 10_000
"""More than everybody else has; and what each leader has more than the next."""

CONNECTIONS = 8
SETTLE_S = 1.0
SCORE = "SELECT coalesce(max(score), 0) FROM user_scores WHERE user_id = $1"
EVENTS = """SELECT score_after, created_at FROM score_events
    WHERE user_id = $1 AND score_after > $2 ORDER BY event_id"""

T = TypeVar("T")


def crown(bench: Bench, target: Target, port: int, leaders: int = 1) -> None:
    """Everybody has a score, and some have more than all others ever will, LEADER most."""
    signer = bench.signer(target)
    requests = signer.one_each(made_up_users())
    for number, leader in enumerate(LEADERS[:leaders]):
        requests += signer.increments([leader], 1, delta=LEAD - number * AHEAD)
    asyncio.run(send_all(port, requests, CONNECTIONS))


async def watch(
    database_url: str, screens: Sequence[Screens], work: Awaitable[T]
) -> tuple[T, list[float], list[Arrivals]]:
    """What `work` returned, commit → screen of each of his events meanwhile, and what came.

    Raises RuntimeError where watchers were lost.
    """
    connection = await asyncpg.connect(database_url)
    try:
        led_by = await connection.fetchval(SCORE, LEADER)
        for each in screens:
            each.collect_rest(Arrivals())  # the first lists are no update
        result = await work
        await asyncio.sleep(SETTLE_S)
        arrivals = [each.collect() for each in screens]
        commits = [(row[0], row[1]) for row in await connection.fetch(EVENTS, LEADER, led_by)]
    finally:
        await connection.close()
    lost = sum(each.lost for each in arrivals)
    if lost:
        raise RuntimeError(f"{lost} watchers were lost")
    delays_s = [delay for each in arrivals for delay in commit_to_screen_s(each, LEADER, commits)]
    return result, delays_s, arrivals
