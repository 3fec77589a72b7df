"""Events as lines of JSON: one object a line, times in ISO 8601, tokens in base64."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from cli.output import CommandFailed
from scoreboard.ledger.history import StoredEvent

LINE_MAX_BYTES = 65_536

encode_lines = msgspec.json.Encoder().encode_lines
_decode = msgspec.json.Decoder(StoredEvent).decode


class NdjsonWriter:
    """Appends to FILE.part, of which the lines of an earlier run are kept where it goes on."""

    def __init__(self, part: Path, *, goes_on: bool) -> None:
        self._file = part.open("ab+")
        if not goes_on:
            self._file.truncate(0)

    def resume(self) -> StoredEvent | None:
        """The last event that is written already; drops what a kill left half-written."""
        size = self._file.seek(0, os.SEEK_END)
        start = self._file.seek(max(0, size - 2 * LINE_MAX_BYTES))
        head, newline, _ = self._file.read().rpartition(b"\n")
        self._file.truncate(start + len(head) + len(newline))
        return _decode(head.rpartition(b"\n")[2]) if newline else None

    def write(self, events: Sequence[StoredEvent]) -> None:
        """One batch, on the disk when this returns."""
        self._file.write(encode_lines(events))
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Every batch is there already."""

    def close(self) -> None:
        """Lets the file go, complete or not."""
        self._file.close()


class NdjsonReader:
    """Reads what NdjsonWriter wrote; progress is counted in bytes."""

    unit = "bytes"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = path.stat().st_size

    def read(self, batch: int) -> Iterator[tuple[list[StoredEvent], int]]:
        """Batches, each with the bytes that it took. Raises CommandFailed, OSError."""
        with self._path.open("rb") as file:
            lines = enumerate(_lines(file), start=1)
            while numbered := list(islice(lines, batch)):
                events = [self._parse(number, line) for number, line in numbered]
                yield events, sum(len(line) for _, line in numbered)

    def _parse(self, number: int, line: bytes) -> StoredEvent:
        try:
            return _decode(line)
        except (msgspec.DecodeError, ValueError) as error:
            raise CommandFailed(f"Line {number} of {self._path} is no event: {error}.") from error


def _lines(file: BinaryIO) -> Iterator[bytes]:
    # A file of another kind may have no line end in gigabytes.
    while line := file.readline(LINE_MAX_BYTES):
        yield line
