"""Processes of a measurement: started, awaited, pinned to a core, and what they use."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from cli.embedded.process import death_signal

STOP_S = 30.0
READY_S = 60.0
POLL_S = 0.05
SERVER_CORE, OTHERS_CORE = 0, 1
"""What is measured stands alone on its core; stores and load share the other one."""

Environment = Mapping[str, str]


@contextlib.contextmanager
def running(
    command: Sequence[str], log: Path, environment: Environment, core: int | None = None
) -> Iterator[int]:
    """The pid of a process that lives as long as the block; its output is added to `log`.

    It leads a session of its own, so that a terminal's Ctrl-C reaches it through us alone.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*death_signal("TERM"), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
    try:
        if core is not None:
            pin(process.pid, core)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(what: str, is_so: Callable[[], bool], timeout_s: float = READY_S) -> None:
    """Returns once it is. Raises TimeoutError, which names what was waited for."""
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{what}: not within {timeout_s:.0f} s")
        time.sleep(POLL_S)


def wait_for_port(port: int, pid: int, log: Path) -> None:
    """Returns once the process listens. Raises ChildProcessError with its last line if it ended."""

    def listens() -> bool:
        if not is_alive(pid):
            lines = log.read_text("utf-8", "replace").splitlines() or ["it said nothing"]
            raise ChildProcessError(f"a server ended before it listened: {lines[-1]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    wait_until(f"nothing listens on port {port}", listens)


def pin(pid: int, core: int) -> None:
    """Keeps every thread of a process, and what it starts from now on, to one core."""
    if not hasattr(os, "sched_setaffinity") or core >= (os.cpu_count() or 1):
        return
    for thread in _threads(pid):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(thread, {core})


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not awaited yet does not."""
    fields = _fields(pid)
    return fields is not None and fields[0] != "Z"


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for each in Path("/proc").iterdir():
        fields = _fields(int(each.name)) if each.name.isdecimal() else None
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(int(each.name))
    found = [pid]
    for each_pid in found:  # grows while it is walked
        found += children.get(each_pid, [])
    return found


def cpu_s(*pids: int) -> float:
    """CPU time that the processes and their descendants have used, ended ones included."""
    ticks = 0
    for pid in {each for root in pids for each in tree(root)}:
        fields = _fields(pid)
        if fields is not None:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(*pids: int) -> int:
    """The resident sets of the processes and their descendants, added up."""
    pages = 0
    for pid in {each for root in pids for each in tree(root)}:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def proportional_bytes(*pids: int) -> int:
    """What the processes and their descendants occupy together: pages that several of them share
    count once (PSS).
    """
    kilobytes = 0
    for pid in {each for root in pids for each in tree(root)}:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
    return kilobytes * 1024


def free_ports(count: int) -> list[int]:
    """Different loopback ports that nothing listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _fields(pid: int) -> list[str] | None:
    """Of /proc/PID/stat from the state on; None where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _threads(pid: int) -> list[int]:
    try:
        return [int(each.name) for each in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []
