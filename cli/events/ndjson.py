"""Events as lines of JSON: one object a line, times in ISO 8601, tokens in base64."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from cli.events.files import open_private
from cli.output import CommandFailed
from scoreboard.ledger.history import StoredEvent

LINE_MAX_BYTES = 65_536

encode_lines = msgspec.json.Encoder().encode_lines
_decode = msgspec.json.Decoder(StoredEvent).decode


class NdjsonWriter:
    """Appends to FILE.part, of which the lines of an earlier run are kept where it goes on."""

    def __init__(self, part: Path, *, goes_on: bool) -> None:
        self._part = part
        self._file = open_private(part, "ab+")
        if not goes_on:
            self._file.truncate(0)

    def resume(self) -> StoredEvent | None:
        """The last event that is written already; drops what a kill left half-written.

        Raises CommandFailed where the last whole line is no event.
        """
        end = self._line_end(self._file.seek(0, os.SEEK_END))
        self._file.truncate(end)
        if not end:
            return None
        self._file.seek(self._line_end(end - 1))
        try:
            return _decode(self._file.read(LINE_MAX_BYTES))
        except (msgspec.DecodeError, ValueError) as error:
            raise CommandFailed(
                f"The unfinished export {self._part} is damaged: remove {self._part}*."
            ) from error

    def _line_end(self, before: int) -> int:
        """Where the last line ends that does so at or before this place; 0 where none does."""
        while before:
            start = self._file.seek(max(0, before - LINE_MAX_BYTES))
            newline = self._file.read(before - start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            before = start
        return 0

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
