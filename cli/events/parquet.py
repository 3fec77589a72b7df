"""Events as Parquet, with the same columns as the lines of JSON; tokens are binary."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from msgspec.structs import astuple, fields

from cli.events.files import PRIVATE_FOLDER, open_private
from cli.output import CommandFailed
from scoreboard.domain.acts import RecordedAct
from scoreboard.ledger.history import StoredEvent

MAGIC = b"PAR1"

OPTIONAL = frozenset({"nonce", "kid", "act_id", "refers_to", "token", "act"})

_encode = msgspec.json.Encoder().encode
_decode_act = msgspec.json.Decoder(RecordedAct).decode


def load_pyarrow() -> tuple[ModuleType, ModuleType]:
    """`pyarrow` and `pyarrow.parquet`; raises CommandFailed where the extra is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and large
        from pyarrow import parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise CommandFailed(
            "Parquet needs pyarrow: install it with `pip install 'scoreboard[parquet]'`."
        ) from error
    return pa, pq


def event_schema() -> Any:  # noqa: ANN401 - pyarrow ships no types
    """The columns; those that only tokens or only acts fill may be null. An act is text of JSON."""
    pa, _ = load_pyarrow()
    types = {int: pa.int64(), bytes: pa.binary(), "time": pa.timestamp("us", tz="UTC")}
    kinds = {
        "event_id": int, "delta": int, "score": int, "version": int,
        "token": bytes, "created_at": "time", "act_id": int, "refers_to": int,
    }  # fmt: skip
    return pa.schema(
        [
            pa.field(
                each.encode_name,
                types.get(kinds.get(each.name), pa.string()),
                nullable=each.name in OPTIONAL,
            )
            for each in fields(StoredEvent)
        ]
    )


class ParquetWriter:
    """Writes row groups beside FILE.part, each a file of its own, since only a file with its footer
    can be read after a kill; at the end they become FILE.part.
    """

    def __init__(self, part: Path, *, goes_on: bool) -> None:
        self._pa, self._pq = load_pyarrow()
        self._schema = event_schema()
        self._part = part
        self._folder = part.with_name(f"{part.name}s")
        self._discarded = part.with_name(f"{part.name}s.discarded")
        if self._discarded.exists():
            shutil.rmtree(self._discarded)
        if not goes_on and self._folder.exists():
            self._discard()
        self._folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        self._parts = sorted(self._folder.glob("*.parquet"))

    def resume(self) -> StoredEvent | None:
        """The last event that is written already. Raises CommandFailed where it cannot be read, or
        where a part before it is gone: the file would lack its events.
        """
        if not self._parts:
            return None
        damaged = f"The unfinished export {self._part} is damaged: remove {self._part}*."
        if self._parts != [self._place(number + 1) for number in range(len(self._parts))]:
            raise CommandFailed(damaged)
        try:
            table = self._pq.ParquetFile(self._parts[-1]).read()
        except self._pa.ArrowException as error:
            raise CommandFailed(damaged) from error
        return next(_events(table.slice(table.num_rows - 1)))

    def write(self, events: Sequence[StoredEvent]) -> None:
        """One row group, on the disk when this returns."""
        columns = zip(*map(_row, events), strict=True)
        arrays = [
            self._pa.array(column, type=each.type)
            for column, each in zip(columns, self._schema, strict=True)
        ]
        self._write([self._pa.Table.from_arrays(arrays, schema=self._schema)])
        part = self._place(len(self._parts) + 1)
        self._part.rename(part)
        self._parts.append(part)

    def finish(self) -> None:
        """Puts the row groups together."""
        self._write(self._pq.ParquetFile(part).read() for part in self._parts)
        self._discard()

    def close(self) -> None:
        """Nothing is open between two calls."""

    def _place(self, number: int) -> Path:
        return self._folder / f"{number:08}.parquet"

    def _discard(self) -> None:
        # Out of the way as a whole first: a kill in the midst of the removal would leave some of
        # the parts, and the next run would go on behind them.
        self._folder.rename(self._discarded)
        shutil.rmtree(self._discarded)

    def _write(self, tables: Iterable[Any]) -> None:
        with open_private(self._part, "wb") as file:
            with self._pq.ParquetWriter(file, self._schema, compression="zstd") as writer:
                for table in tables:
                    writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())


class ParquetReader:
    """Reads what ParquetWriter wrote; progress is counted in events."""

    unit = "events"

    def __init__(self, path: Path) -> None:
        pa, pq = load_pyarrow()
        try:
            self._file = pq.ParquetFile(path)
        except pa.ArrowInvalid as error:
            raise CommandFailed(f"{path} is damaged: {_line(error)}.") from error
        if not self._file.schema_arrow.equals(event_schema()):
            raise CommandFailed(f"{path} does not have the columns of exported events.")
        self._path = path
        self.total: int = self._file.metadata.num_rows

    def read(self, batch: int) -> Iterator[tuple[list[StoredEvent], int]]:
        """Batches, each with its number of events. Raises CommandFailed, OSError."""
        pa, _ = load_pyarrow()
        try:
            for group in self._file.iter_batches(batch_size=batch):
                yield list(_events(group)), group.num_rows
        except pa.ArrowException as error:
            raise CommandFailed(f"{self._path} is damaged: {_line(error)}.") from error


def _events(rows: Any) -> Iterator[StoredEvent]:  # noqa: ANN401 - pyarrow ships no types
    columns = [rows.column(index).to_pylist() for index in range(rows.num_columns)]
    return (_event(*row) for row in zip(*columns, strict=True))


def _row(event: StoredEvent) -> tuple[Any, ...]:
    *values, act = astuple(event)
    return (*values, None if act is None else _encode(act).decode())


def _event(*row: Any) -> StoredEvent:
    *values, act = row
    values.append(None if act is None else _decode_act(act))
    return StoredEvent(*values)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
