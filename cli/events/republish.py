"""`scoreboard events republish`: a range of the history once more, for other services."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.away import rabbitmq_away
from cli.environment import read_database_settings
from cli.events.positions import FIRST, LAST, OnlyBoardOption, Position, event_range
from cli.output import CommandFailed, JsonOption, print_error, print_json, print_line
from cli.signals import run_work
from scoreboard.domain.errors import BusUnavailable, ConfigurationError
from scoreboard.domain.standings import Total
from scoreboard.domain.times import to_unix_us
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.bus.protocol import Update
    from scoreboard.bus.publisher import UpdatePublisher
    from scoreboard.ledger.database import Row
    from scoreboard.ledger.history import EventRange, StoredEvent
    from scoreboard.ledger.session import Session

UNASKED_MAX = 10_000
BATCH_MAX = 500
BATCHES_PER_S = 4
"""So often at most a batch is sent: ranks are read for each."""


def republish(
    first: Annotated[Position, FIRST],
    last: Annotated[Position | None, LAST] = None,
    board: OnlyBoardOption = None,
    rate: Annotated[int, typer.Option(min=1, help="Events per second at most.")] = 1000,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help=f"Do not ask about more than {UNASKED_MAX:,}.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish events to RabbitMQ again, in order, each as the relay did.

    Message ids, headers and bodies are those of the first time, so consumers that remember ids
    drop what they have; only `rank` is the present one, as it is whenever an event is published.
    When it ends early it says with which --from to go on.

    \b
    Examples:
      scoreboard events republish --from 4711 --to 5000
      scoreboard events republish --from 2026-01-31T12:00:00Z --board season-1 --rate 200 --yes
    """
    settings = read_database_settings()
    if not settings.amqp_url:
        raise ConfigurationError(
            "Updates for other services are published with RabbitMQ only: set SCOREBOARD_AMQP_URL."
        )
    for library in ("aio_pika", "aiormq"):
        # What they log of a failure, the command says itself.
        logging.getLogger(library).addHandler(logging.NullHandler())
    wanted = event_range(first, last, board)
    work = Republishing(settings, wanted, rate)
    total = run_work(work.count())
    if total > UNASKED_MAX and not yes:
        _ask(total)
    _run(work, total)
    if as_json:
        print_json({"published": work.published, "lastEventId": work.last_id or None})
    else:
        print_line(_told(work))


def _ask(total: int) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise typer.BadParameter(f"these are {total:,} events; add --yes to publish so many.")
    if not typer.confirm(f"Publish {total:,} events?", err=True):
        raise CommandFailed("Nothing was published.")


def _run(work: Republishing, total: int) -> None:
    try:
        run_work(work.run(total))
    except BaseException:
        if work.last_id:
            print_error(f"{_told(work)} Go on with --from {work.last_id + 1}.")
        raise


def _told(work: Republishing) -> str:
    if not work.last_id:
        return "No event lies in this range."
    return f"Published {work.published:,} events, up to event {work.last_id}."


class Republishing:
    """One range on its way; `last_id` is that of the last event that RabbitMQ has confirmed."""

    def __init__(self, settings: Settings, wanted: EventRange, rate: int) -> None:
        self._settings = settings
        self._wanted = wanted
        self._rate = rate
        self.published = 0
        self.last_id = 0

    async def count(self) -> int:
        """How many events there are to publish; what comes later is left to the relay."""
        from scoreboard.ledger.history import History, check_board  # noqa: PLC0415 - quick --help
        from scoreboard.ledger.session import open_session  # noqa: PLC0415
        from scoreboard.ledger.settling import keep_imports_out  # noqa: PLC0415

        async with open_session(self._settings.database_url, "republish") as session:
            await check_board(session, self._wanted.board_id)
            await keep_imports_out(session)
            history = History(session)
            self._wanted = self._wanted.up_to(await history.newest_id())
            return await history.count(self._wanted)

    async def run(self, total: int) -> None:
        """Publishes them all. Raises CommandFailed or the session's errors."""
        from cli.progress import progress  # noqa: PLC0415 - quick --help
        from scoreboard.bus.publisher import open_publisher  # noqa: PLC0415
        from scoreboard.ledger.session import open_session  # noqa: PLC0415

        url = self._settings.database_url
        with progress("publishing", total, "events") as advance:
            try:
                async with (
                    open_publisher(self._settings.amqp_url) as publisher,
                    open_session(url, "republish") as session,
                ):
                    await self._publish(publisher, session, advance)
            except BusUnavailable as error:
                raise _failure(self._settings.amqp_url, error) from error

    async def _publish(
        self, publisher: UpdatePublisher, session: Session, advance: Callable[[int], None]
    ) -> None:
        from scoreboard.ledger.history import History  # noqa: PLC0415 - quick --help
        from scoreboard.ledger.settling import (  # noqa: PLC0415
            keep_erasures_out,
            keep_imports_out,
        )

        await keep_imports_out(session)
        await keep_erasures_out(session)
        batch = max(1, min(BATCH_MAX, self._rate // BATCHES_PER_S))
        clock = asyncio.get_running_loop().time
        due_s = clock()
        async for events in History(session).scan(self._wanted, batch):
            # Never a burst after a pause: the rate is a limit, not an average.
            due_s = max(due_s, clock())
            await publisher.publish(await _updates(session, events))
            self.published += len(events)
            self.last_id = events[-1].event_id
            advance(len(events))
            due_s += len(events) / self._rate
            await asyncio.sleep(due_s - clock())


def _failure(amqp_url: str, error: BusUnavailable) -> Exception:
    """Whether it is the connection that failed, or RabbitMQ takes no messages."""
    cause = error.__cause__
    if cause is None or isinstance(cause, TimeoutError | asyncio.CancelledError):
        return CommandFailed(f"{error} `scoreboard doctor` tells more.")
    return rabbitmq_away(amqp_url, cause)


async def _updates(session: Session, events: Sequence[StoredEvent]) -> list[Update]:
    """As the relay makes them. Ranks come from the ledger: this is no matter of milliseconds."""
    from scoreboard.ledger.statements import load_query  # noqa: PLC0415 - quick --help

    ranks = await session.fetch(
        load_query("read_standings"),
        [event.board_id for event in events],
        [event.user_id for event in events],
    )
    return [_update(event, row) for event, row in zip(events, ranks, strict=True)]


def _update(event: StoredEvent, row: Row) -> Update:
    from scoreboard.bus.protocol import Update  # noqa: PLC0415 - quick --help

    rank = row["rank"]
    if rank is None and not row["is_suspended"]:
        raise CommandFailed(
            f"Event {event.event_id} belongs to a user without a total, who has no rank. "
            "`scoreboard events replay` tells more."
        )
    total = Total(
        event.board_id,
        event.user_id,
        event.score,
        event.version,
        event.event_id,
        to_unix_us(event.created_at),
    )
    return Update(total, event.delta, event.source, rank)
