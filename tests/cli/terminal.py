"""A real terminal of a given size: what a person would see of a command."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyte

from tests.cli.program import COMMAND, environment

PATIENCE_S = 30.0


class Terminal:
    """A command that runs on a terminal of its own; `lines` is what the screen shows now."""

    def __init__(
        self, process: subprocess.Popen[bytes], master: int, size: tuple[int, int]
    ) -> None:
        self._columns, rows = size
        self.screen = pyte.Screen(self._columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._master = master
        self.process = process

    @property
    def lines(self) -> list[str]:
        """The rows of the screen without trailing blanks."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def read_until(self, holds: Callable[[str], bool]) -> str:
        """Feeds the screen until `holds` is true of it; fails where the command ends before."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds(self.text):
            assert time.monotonic() < deadline_s, self.text
            assert self._feed(), self.text
        return self.text

    def read_to_end(self) -> str:
        """Feeds the screen until the command has ended; what it left on it."""
        while self._feed():
            pass
        self.process.wait(PATIENCE_S)
        return self.text

    def _feed(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE_S)
        assert ready, "the command has fallen silent"
        try:
            found = os.read(self._master, 65_536)
        except OSError:  # Linux says so at the end
            return False
        self._stream.feed(found)
        return bool(found)


@contextmanager
def on_terminal(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] = {},
    size: tuple[int, int] = (80, 24),
    command: tuple[str, ...] = COMMAND,
) -> Iterator[Terminal]:
    """Runs the program on a terminal of (columns, rows)."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env={
            **environment(env),
            "TERM": "xterm-256color",
            "COLUMNS": str(size[0]),
            "LINES": str(size[1]),
        },
    )
    os.close(slave)
    try:
        yield Terminal(process, master, size)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
        os.close(master)
