"""Thousands who each follow their own place on a board of a million, while everybody's changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import islice

from benchmarks.bench import Bench
from benchmarks.ledger_rows import fill
from benchmarks.open_loop import offer
from benchmarks.processes import cpu_s
from benchmarks.recording import Figures
from benchmarks.requests import filled_user
from benchmarks.rounds import GOOD_SHARE, ROUND_MAX_S, wait_until_relayed
from benchmarks.servers import execute
from benchmarks.targets import COMMAND_MAX_S, Shape, Starter, Target
from benchmarks.watchers import Screens, handshake
from benchmarks.watching import Plan
from scoreboard.domain.identifiers import UserId

USERS, QUICK_USERS = 1_000_000, 10_000
FOLLOWERS, QUICK_FOLLOWERS = 5_000, 50
SCORES = 50
"""Different ones that `fill` gives: user n has the score 1 + n mod 50."""

CLIMBERS_PER_S, CONNECTIONS = 200, 32
LEAP = 1_000
"""From below all followers to above them: each of their ranks changes."""

SECONDS, QUICK_SECONDS = 8, 2
SETTLE_S = 2.0
API = "api + relay"
CLIMBING, FOLLOWING, BOTH = "climbers alone", "followers alone", "followers and climbers"
GATEWAY_CPU, REDIS_CPU, PUSHES = "gateway's core %", "Redis' core %", "pushes/s"


def run(bench: Bench) -> None:
    """What either costs alone, and both together."""
    users = bench.options.pick(USERS, QUICK_USERS)
    count = bench.options.pick(FOLLOWERS, QUICK_FOLLOWERS)
    with bench.targets() as starter:
        target = _start(bench, starter, users)
        climbers = lower_half(users)
        for number in bench.rounds:
            measuring = _round(bench, target, followers(users, count), climbers)
            found = asyncio.run(asyncio.wait_for(measuring, ROUND_MAX_S))
            for condition, figures in found.items():
                bench.recording.note("gateway", condition, number, figures)
    recording = bench.recording
    whose = f"{count:,} views `me` of {users:,} users, all ranks moving"
    label = f"gateway: CPU of {whose}"
    recording.value(label, GATEWAY_CPU, "gateway", BOTH, unit="%", goal="personal")
    label = f"gateway: CPU of {count:,} views `me`, nobody moving"
    recording.value(label, GATEWAY_CPU, "gateway", FOLLOWING, unit="%")
    recording.value(f"pushes of {whose}", PUSHES, "gateway", BOTH, unit="/s")
    pairs = zip(_redis(bench, BOTH), _redis(bench, CLIMBING), strict=True)
    label = f"Redis: CPU of {whose}, without the increments' own"
    recording.add(label, [both - climbing for both, climbing in pairs], unit="%")


def followers(users: int, count: int) -> list[UserId]:
    """Spread evenly over the upper half of the scores."""
    half, step = SCORES // 2, users // count
    return [
        filled_user(number * step // SCORES * SCORES + half + number % half)
        for number in range(count)
    ]


def lower_half(users: int) -> Iterator[UserId]:
    """Whoever stands below all followers, each once."""
    return (
        filled_user(number)
        for score in range(SCORES // 2)
        for number in range(score, users, SCORES)
    )


def _redis(bench: Bench, condition: str) -> list[float]:
    return bench.recording.values(REDIS_CPU, "gateway", condition)


def _start(bench: Bench, starter: Starter, users: int) -> Target:
    url = bench.servers.new_database()
    bench.recording.tell(f"filling a board of {users:,} users")
    asyncio.run(asyncio.wait_for(fill(url, users, users), COMMAND_MAX_S))
    execute(url, "CHECKPOINT")  # now, and not while others are measured
    starter.run_command(["cache", "rebuild"], url)
    return starter.product(Shape("gateway", roles="gateway", apart={API: "api,relay"}), url)


async def _round(
    bench: Bench, target: Target, users: list[UserId], climbers: Iterator[UserId]
) -> dict[str, Figures]:
    """By the condition."""
    signer = bench.signer(target)
    asking = [
        handshake("/ws?view=me", f"Authorization: Bearer {signer.bearer(user)}\r\n")
        for user in users
    ]
    found = {CLIMBING: await _measure(bench, target, climbers, None)}
    with Screens(Plan(target.port, asking, keeps=False)) as screens:
        await asyncio.sleep(SETTLE_S)  # everybody is told where he stands
        found[FOLLOWING] = await _measure(bench, target, None, screens)
        found[BOTH] = await _measure(bench, target, climbers, screens)
    return found


async def _measure(
    bench: Bench, target: Target, climbers: Iterator[UserId] | None, screens: Screens | None
) -> Figures:
    """Everything is per second. Raises RuntimeError where watchers or increments were lost."""
    seconds = bench.options.pick(SECONDS, QUICK_SECONDS)
    leaping = list(islice(climbers or (), CLIMBERS_PER_S * seconds))
    requests = bench.signer(target).one_each(leaping, LEAP)
    if screens is not None:
        screens.collect()
    before_s, start_s = _cpu_s(bench, target), time.perf_counter()
    if requests:
        outcome = await offer((target.other_ports[API],), requests, CLIMBERS_PER_S, CONNECTIONS)
        if len(outcome.latencies_s) < GOOD_SHARE * len(requests):
            raise RuntimeError(f"the service refused {dict(outcome.refused)}")
    else:
        await asyncio.sleep(seconds)
    lasted_s = time.perf_counter() - start_s
    used_s = {name: now_s - before_s[name] for name, now_s in _cpu_s(bench, target).items()}
    figures = {f"{name} core %": 100 * each_s / lasted_s for name, each_s in used_s.items()}
    if screens is not None:
        arrivals = screens.collect()
        if arrivals.lost:
            raise RuntimeError(f"{arrivals.lost} watchers were lost")
        figures[PUSHES] = arrivals.frames / lasted_s
        figures["watchers' core %"] = 100 * arrivals.busy
    await wait_until_relayed(target)
    return figures


def _cpu_s(bench: Bench, target: Target) -> dict[str, float]:
    """So far, by whose it is."""
    stores = {f"{name}'s": used for name, used in bench.servers.cpu_s().items()}
    stores["Redis'"] = stores.pop("Redis's")
    api = cpu_s(*target.others[API])
    return {"gateway's": cpu_s(*target.pids), "API's": api, **stores}
