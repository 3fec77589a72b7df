"""One server process: started with a log, awaited by a real connection, stopped by its own handle.

`ServerProcess.start` belongs on the main thread: Linux delivers the parent's death signal when the
thread that started the child ends, not only when the whole process does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cli.embedded.errors import FolderUnusable, ServerFailed
from cli.signals import signals_held

POLL_INTERVAL_S = 0.02


def death_signal(name: str = "INT") -> tuple[str, ...]:
    """Return the command prefix that lets a child die with its parent; empty where unsupported.

    A parent killed by SIGKILL cannot stop its children; on Linux the kernel signals them instead.
    """
    prefix = ("setpriv", "--pdeathsig", name)
    # Minimal systems carry a setpriv that does not know the option.
    supported = shutil.which("setpriv") and run([*prefix, "true"]).returncode == 0
    return prefix if supported else ()


def run(
    command: Sequence[str], env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end; output is captured, a failure is the caller's to judge."""
    with signals_held():
        return subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )


class ServerProcess:
    """A child in its own session (a terminal's Ctrl-C does not reach it), output in `log`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGINT,
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._env = env
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while the server is started, else None."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child without waiting for it. Raises FolderUnusable, ServerFailed."""
        assert self._process is None, f"{self.name} is already started"
        try:
            output = self.log.open("wb")
        except OSError as error:
            raise FolderUnusable(f"The file {self.log} cannot be written: {error}.") from error
        with output, signals_held():
            self._process = self._spawn(output.fileno())

    def _spawn(self, output: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                start_new_session=True,
            )
        except OSError as error:
            raise ServerFailed(f"{self.name} cannot be started: {error}.") from error

    def wait_until_ready(self, is_ready: Callable[[], bool], timeout_s: float) -> None:
        """Poll `is_ready` until it is true. Raises ServerFailed when the child ends or time is up.

        A failed child is stopped before the error is raised.
        """
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.stop()
                reason = "ended" if ended else f"was not ready within {timeout_s:.0f} s"
                raise ServerFailed(f"{self.name} {reason}: {last_complaint(self.log)}")
            time.sleep(POLL_INTERVAL_S)

    def stop(self, timeout_s: float = 15.0) -> None:
        """Signal the child, wait for its end, kill it when time is up. Does nothing if stopped."""
        if self._process is None:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def last_complaint(log: Path) -> str:
    """Return the log's last fatal line, else its last line, followed by where the log is."""
    try:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    line = (fatal or lines or ["it said nothing"])[-1].strip()
    return f"{line} (see {log})"


def without_settings_of(*prefixes: str) -> dict[str, str]:
    """Return this process's environment less the variables that would steer a private server."""
    return {name: text for name, text in os.environ.items() if not name.startswith(prefixes)}
