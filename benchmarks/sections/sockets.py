"""What thousands of WebSockets take: idle ones, and ones whose clients have stopped reading."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator
from functools import partial
from itertools import islice

from benchmarks.bench import Bench
from benchmarks.contenders import Contender, Stage, Stretch
from benchmarks.made_up_boards import full_changes, messages
from benchmarks.processes import resident_bytes
from benchmarks.publishing import Publish, over_bus, publish_at
from benchmarks.recording import Figures
from benchmarks.rounds import ROUND_MAX_S
from benchmarks.targets import Shape, Starter
from benchmarks.watchers import Screens, by_version, handshake
from benchmarks.watching import Arrivals, Plan

IDLE, QUICK_IDLE = 5_000, 100
"""So many, and then as many again."""

SPARE_FILES = 500
READERS, QUICK_READERS = 2_000, 100
FILL_PER_S = (20, 60)
FILL_S, QUICK_FILL_S = 8, 2
CALM_PER_S, CALM_S, QUICK_CALM_S = 10, 6, 1
KERNEL_BYTES = 4096
"""A stopped client's own buffer: what it takes is not to be the kernel's."""

SETTLE_S, QUICK_SETTLE_S = 3, 1
LOOK_S = 0.1
SETTINGS = {"WEBSOCKET_MAX": "20000", "WEBSOCKET_BEHIND_MAX_S": "120"}
"""Who has stopped stays for as long as the measurement takes."""

ALONE, BESIDE = "readers alone", "beside as many that have stopped"
KB = 1000


def run(bench: Bench) -> None:
    """Idle sockets, then stopped ones; each time a new process, since memory is not given back."""
    idle = bench.options.pick(IDLE, QUICK_IDLE)
    for number in bench.rounds:
        _idle_round(bench, idle, number)
        for per_s in FILL_PER_S:
            _stopped_round(bench, per_s, number)
    recording = bench.recording
    for count in (idle, 2 * idle):
        label = f"memory of an idle WebSocket, {count:,} of them"
        recording.value(label, "KB each", "idle", f"{count:,}", unit="KB", goal="idle socket")
    label = f"{2 * idle:,} WebSockets: an update is on the last screen"
    recording.value(label, "last ms", "idle", f"{2 * idle:,}", unit="ms")
    for per_s in FILL_PER_S:
        condition = f"{per_s} updates/s"
        label = f"memory of a client that has stopped reading, {condition}"
        recording.value(label, "KB each", "stopped", condition, unit="KB", goal="stopped socket")
        label = f"p99 of readers: beside as many that have stopped, {condition} / alone"
        ours, theirs = (BESIDE, condition), (ALONE, condition)
        recording.ratio(label, "p99 ms", ours, theirs, goal="beside stopped")


def _contender(bench: Bench, starter: Starter) -> Contender:
    target = starter.product(Shape("gateway", roles="gateway", settings=SETTINGS))
    publishing = partial(over_bus, target, bench.servers)
    return Contender("gateway", target, messages(full_changes()), publishing)


def _idle_round(bench: Bench, count: int, number: int) -> None:
    """So many sockets, then as many again; at the end everybody is told something."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * count + SPARE_FILES:
        raise RuntimeError(f"{2 * count:,} sockets need more open files than the {most:,} allowed")
    with bench.targets() as starter:
        measuring = _fill_with_idle(bench, _contender(bench, starter), count)
        found = asyncio.run(asyncio.wait_for(measuring, ROUND_MAX_S))
    for sockets, figures in found.items():
        bench.recording.note("idle", f"{sockets:,}", number, figures)


async def _fill_with_idle(bench: Bench, contender: Contender, count: int) -> dict[int, Figures]:
    """By how many there are."""
    target = contender.target
    plan = Plan(target.port, [handshake()] * count)
    before = resident_bytes(*target.pids)
    found: dict[int, Figures] = {}
    async with contender.publishing() as publish:
        with contextlib.ExitStack() as stack:
            screens: list[Screens] = []
            for sockets in (count, 2 * count):
                screens.append(await asyncio.to_thread(stack.enter_context, Screens(plan)))
                await publish_at(publish, islice(contender.messages, 1), 1)
                await asyncio.sleep(bench.options.pick(SETTLE_S, QUICK_SETTLE_S))
                taken = resident_bytes(*target.pids)
                found[sockets] = {"KB each": (taken - before) / sockets / KB, "MB": taken / KB**2}
            found[2 * count]["last ms"] = await _tell(contender, publish, screens, count) * 1000
    return found


async def _tell(
    contender: Contender, publish: Publish, screens: list[Screens], count: int
) -> float:
    """Seconds until an update is everywhere. Raises RuntimeError where it does not come."""
    for each in screens:
        await asyncio.to_thread(each.collect_rest, Arrivals())
    start_s = await publish_at(publish, islice(contender.messages, 1), 1)
    last_s = start_s
    for each in screens:
        arrivals = await asyncio.to_thread(each.collect)
        await asyncio.to_thread(each.collect_rest, arrivals)
        times = [time for found in by_version(arrivals).values() for time in found]
        if arrivals.lost or len(times) < count:
            raise RuntimeError(f"{len(times):,} of {count:,} were told, {arrivals.lost:,} lost")
        last_s = max(last_s, *times)
    return last_s - start_s


def _stopped_round(bench: Bench, per_s: int, number: int) -> None:
    with bench.targets() as starter:
        measuring = _stop_beside(bench, _contender(bench, starter), per_s)
        found = asyncio.run(asyncio.wait_for(measuring, ROUND_MAX_S))
    for target, figures in found.items():
        bench.recording.note(target, f"{per_s} updates/s", number, figures)


async def _stop_beside(bench: Bench, contender: Contender, per_s: int) -> dict[str, Figures]:
    """Readers alone; then as many beside them who do not read, until each has all it is given."""
    options = bench.options
    count, pids = options.pick(READERS, QUICK_READERS), contender.target.pids
    calm_s = options.pick(CALM_S, QUICK_CALM_S)
    stopped = Plan(
        contender.target.port, [handshake()] * count, reads=False, buffer_bytes=KERNEL_BYTES
    )
    async with contender.publishing() as publish:
        with Stage(contender, publish, count) as stage:
            alone = await stage.play(CALM_PER_S, calm_s)
            before = resident_bytes(*pids)
            with contextlib.ExitStack() as stack:
                await asyncio.to_thread(stack.enter_context, Screens(stopped))
                async with _watching_memory(pids) as sizes:
                    filling = await stage.play(per_s, options.pick(FILL_S, QUICK_FILL_S))
                beside = await stage.play(CALM_PER_S, calm_s)
    if filling.arrivals.lost or beside.arrivals.lost:
        raise RuntimeError("readers were lost beside clients that have stopped")
    memory = {"KB each": (max(sizes) - before) / count / KB, "MB": max(sizes) / KB**2}
    return {"stopped": memory, ALONE: _p99(alone), BESIDE: _p99(beside)}


def _p99(stretch: Stretch) -> Figures:
    return {"p99 ms": stretch.delay_s(99) * 1000, "client's core %": 100 * stretch.arrivals.busy}


@contextlib.asynccontextmanager
async def _watching_memory(pids: tuple[int, ...]) -> AsyncIterator[list[int]]:
    """The resident sets, again and again while the block runs."""
    sizes = [resident_bytes(*pids)]

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            sizes.append(resident_bytes(*pids))

    looking = asyncio.create_task(look())
    try:
        yield sizes
    finally:
        looking.cancel()
        await asyncio.wait([looking])
        sizes.append(resident_bytes(*pids))
