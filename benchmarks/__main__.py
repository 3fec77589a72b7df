"""Measures everything and prints one table of ratios.

    python -m benchmarks [--only increments,reads] [--rounds 5] [--quick] [--full]

Private PostgreSQL (fsync on), Redis and RabbitMQ on this machine's loopback. Writes a JSON file
with every round and the table to benchmarks/results. Measure on a machine that does nothing else;
docs/performance.md says what each line means. Ctrl-C ends it and keeps the finished sections.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from benchmarks import results
from benchmarks.bench import Bench, Options
from benchmarks.processes import OTHERS_CORE, pin
from benchmarks.recording import Recording
from benchmarks.sections import (
    fanout,
    increments,
    latency,
    overload,
    personal,
    reads,
    scale,
    screen,
    sockets,
    stored_function,
    storm,
)
from benchmarks.servers import start_servers
from cli.embedded.errors import EmbeddedError
from cli.signals import StopSignals

SECTIONS: dict[str, Callable[[Bench], None]] = {
    "increments": increments.run,
    "reads": reads.run,
    "latency": latency.run,
    "scale": scale.run,
    "overload": overload.run,
    "fanout": fanout.run,
    "screen": screen.run,
    "sockets": sockets.run,
    "storm": storm.run,
    "personal": personal.run,
    "stored-function": stored_function.run,
}
FAILED, INTERRUPTED = 1, 130


def main(words: list[str] | None = None) -> int:
    """The exit code: 1 where a section failed, 130 where the run was interrupted."""
    options, chosen, folder = _parse(words)
    recording = Recording()
    with StopSignals():
        try:
            return _measure(options, chosen, folder, recording)
        except KeyboardInterrupt:  # while servers were starting: there is nothing to keep
            return INTERRUPTED
        except EmbeddedError as error:
            recording.tell(str(error))
            return FAILED


def _measure(
    options: Options, chosen: Iterable[str], results_folder: Path, recording: Recording
) -> int:
    code = 0
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scoreboard-bench-")))
        pin(os.getpid(), OTHERS_CORE)
        _allow_many_connections()
        _silence_logs()
        servers = stack.enter_context(start_servers(folder))
        described = results.describe(servers, options)
        bench = Bench(options, servers, recording, folder, results_folder)
        try:
            for name in chosen:
                code |= _run(name, bench)
        except KeyboardInterrupt:
            described["interrupted"] = True
            code = INTERRUPTED
        if recording.samples:
            path, text = results.write(results_folder, described, recording)
            print(text)
            recording.tell(f"wrote {path} and {path.with_suffix('.md').name}")
    return code


def _allow_many_connections() -> None:
    """For this process and all that it starts: as many open files as the system lets it have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _silence_logs() -> None:
    """What of the service runs in this process would write them between the table's lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _run(name: str, bench: Bench) -> int:
    """A section that fails leaves its neighbours alone, and a line in the table."""
    bench.recording.section = name
    try:
        bench.servers.settle()
        SECTIONS[name](bench)
    except Exception as error:  # noqa: BLE001 - told in the table, and by the exit code
        bench.recording.missing(name, f"failed: {type(error).__name__}: {error}")
        bench.recording.tell(f"failed: {type(error).__name__}: {error}")
        return FAILED
    return 0


def _parse(words: list[str] | None) -> tuple[Options, list[str], Path]:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, comma-separated")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    parser.add_argument("--full", action="store_true", help="with 10 million users, too")
    parser.add_argument("--results", type=Path, default=results.FOLDER, help="folder")
    given = parser.parse_args(words)
    chosen = given.only.split(",")
    unknown = [each for each in chosen if each not in SECTIONS]
    if unknown or given.rounds < 1:
        parser.error(f"sections are {', '.join(SECTIONS)}; at least one round")
    options = Options(rounds=given.rounds, quick=given.quick, full=given.full)
    return options, chosen, given.results


if __name__ == "__main__":
    sys.exit(main())
