"""`scoreboard events import`: a history from a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from msgspec import Struct
from msgspec.json import Decoder

from cli.environment import read_database_settings
from cli.events.files import disk_told
from cli.output import CommandFailed, JsonOption, print_error, print_json, print_line
from cli.signals import run_work
from scoreboard.auth.encoding import decode_base64url
from scoreboard.domain.times import from_unix_us
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.ledger.history import StoredEvent
    from scoreboard.ledger.imports import EventImport

    Batch = tuple[list[StoredEvent], int]


class Reader(Protocol):
    """Reads a file of events in batches; `total` and progress count `unit`s."""

    unit: str
    total: int

    def read(self, batch: int) -> Iterator[Batch]:
        """Batches, each with its progress. Raises CommandFailed, OSError."""
        ...


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `events export` wrote.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, and write nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring exported events into an empty database, or go on where an import was interrupted.

    As the schema's owner. Events keep their ids and tokens, and the totals follow from them. All of
    the file is checked before anything is written: running sums, versions without gaps, and that
    whatever is stored already is the same. Boards that are missing are made with the usual limits.
    Nothing is published; see `events republish`. Run it with the variables that the service has:
    SCOREBOARD_NONCE_KEEP_S and SCOREBOARD_ACTION_LIFE_MAX_S decide which nonces are held.

    \b
    Examples:
      scoreboard events import events.parquet --dry-run
      SCOREBOARD_DATABASE_URL=postgresql://owner@db/new scoreboard events import events.ndjson
    """
    work = Importing(_open(file), file, read_database_settings())
    try:
        run_work(work.run(is_dry=dry_run))
    except KeyboardInterrupt:
        if not dry_run:
            print_error("The same command will go on where this one was.")
        raise
    if as_json:
        print_json({"events": work.events, "known": work.known, "boards": work.boards})
        return
    done = "can be imported" if dry_run else "imported"
    print_line(f"{work.events:,} events {done}, {work.known:,} were there already.")


def _open(file: Path) -> Reader:
    """By what the file begins with, whatever it is called."""
    from cli.events.ndjson import NdjsonReader  # noqa: PLC0415 - quick --help
    from cli.events.parquet import MAGIC, ParquetReader  # noqa: PLC0415

    with disk_told(file, "read"):
        with file.open("rb") as opened:
            is_parquet = opened.read(len(MAGIC)) == MAGIC
        return ParquetReader(file) if is_parquet else NdjsonReader(file)


class Importing:
    """One file on its way into the ledger, and what came of it."""

    def __init__(self, reader: Reader, file: Path, settings: Settings) -> None:
        self._reader = reader
        self._file = file
        self._settings = settings
        self.events = 0
        self.known = 0
        self.boards: list[str] = []

    async def run(self, *, is_dry: bool) -> None:
        """Checks all of it, then writes unless `is_dry`. Raises CommandFailed."""
        from scoreboard.ledger.imports import EventImport, ImportRefused  # noqa: PLC0415
        from scoreboard.ledger.session import open_session  # noqa: PLC0415

        url = self._settings.database_url
        try:
            async with open_session(url, "import", as_owner=True) as session:
                expiry = NonceExpiry(self._settings, await session.fetchval("SELECT now()"))
                work = EventImport(session, expiry)
                await self._check(work)
                self.events, self.known, self.boards = work.events, work.known, [*work.boards]
                if not is_dry:
                    await _write(work)
        except ImportRefused as error:
            raise CommandFailed(str(error)) from error

    async def _check(self, work: EventImport) -> None:
        from cli.progress import progress  # noqa: PLC0415 - quick --help
        from scoreboard.ledger.imports import SLICE  # noqa: PLC0415

        await work.prepare()
        batches = self._reader.read(SLICE)
        with progress("checking", self._reader.total, self._reader.unit) as advance:
            batch = await self._next(batches)
            while batch is not None:
                events, done = batch
                # The next batch is read while PostgreSQL is at work on this one.
                _, batch = await asyncio.gather(work.stage(events), self._next(batches))
                advance(done)

    async def _next(self, batches: Iterator[Batch]) -> Batch | None:
        with disk_told(self._file, "read"):
            return await asyncio.to_thread(next, batches, None)


async def _write(work: EventImport) -> None:
    from cli.progress import progress  # noqa: PLC0415 - quick --help

    with progress("writing", work.events, "events") as advance:
        async for count in work.write():
            advance(count)


class _Expiring(Struct, frozen=True):
    """What is read of a stored token."""

    exp: int


class NonceExpiry:
    """Tells until when nonces are held: for as long as their tokens may still be asked about."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._forgotten = now - timedelta(seconds=settings.nonce_keep_s)
        self._life_max = timedelta(seconds=settings.action_life_max_s + settings.clock_leeway_s)
        self._decode = Decoder(_Expiring).decode

    def __call__(self, event: StoredEvent) -> datetime | None:
        """None where no nonce need be held; the latest time where the token tells none."""
        if event.nonce is None:
            return None
        latest = event.created_at + self._life_max
        if latest < self._forgotten:
            return None
        if event.token is None:  # its user is erased
            return latest
        try:
            claims = self._decode(decode_base64url(event.token.split(b".")[1]))
            expires_at = min(from_unix_us(claims.exp * 1_000_000), latest)
        except (IndexError, ValueError, OverflowError):
            expires_at = latest
        return expires_at if expires_at >= self._forgotten else None
