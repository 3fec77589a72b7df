"""RabbitMQ: whether it takes messages, and whether its exchanges are of the right form."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from secrets import token_hex
from typing import Any

import aiormq
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)

from cli.away import rabbitmq_away
from cli.doctor.examination import Examination, Report
from cli.doctor.verdicts import Verdict, ok, problem, warning
from scoreboard.bus.link import driver_errors
from scoreboard.bus.sockets import Sockets
from scoreboard.bus.topology import EXCHANGES
from scoreboard.domain.errors import BusUnavailable
from scoreboard.settings import Settings

VERSION_MIN = (3, 10)
CONFIRM_S = 2.0
CLOSE_S = 0.5
CHECKS = ("rabbitmq", "rabbitmq-exchanges", "rabbitmq-alarm")

Connection = Any
"""aiormq's, whose own type has no server_properties before it is connected."""


def rabbitmq_examination(settings: Settings) -> Examination:
    """Every check of RabbitMQ; one that explains what works without it where none is named."""
    if not settings.amqp_url:

        async def note(report: Report) -> None:
            report.add("rabbitmq", check_absence(settings.instances))

        return Examination(CHECKS[:1], note)

    async def look(report: Report) -> None:
        with _quiet_driver(), driver_errors():
            await ask(report)

    async def ask(report: Report) -> None:
        async with _connect(settings.amqp_url) as connection:
            report.add("rabbitmq", check_version(connection.server_properties))
            await report.ask("rabbitmq-exchanges", check_exchanges(connection))
            await report.ask("rabbitmq-alarm", check_alarm(connection))

    return Examination(CHECKS, look)


@contextmanager
def _quiet_driver() -> Iterator[None]:
    """What the driver would log, with a traceback, is told in a finding."""
    log, nowhere = logging.getLogger("aiormq"), logging.NullHandler()
    propagates, log.propagate = log.propagate, False
    log.addHandler(nowhere)
    try:
        yield
    finally:
        log.removeHandler(nowhere)
        log.propagate = propagates


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[Connection]:
    sockets = Sockets()
    try:
        connection: Connection = aiormq.Connection(url, transport_factory=sockets)
        with driver_errors():
            await connection.connect({"connection_name": "scoreboard-doctor"})
    except (BusUnavailable, ValueError) as error:
        sockets.abort()
        raise rabbitmq_away(url, error.__cause__ or error) from error
    try:
        yield connection
    finally:
        # Bounded: while an alarm lasts the server reads nothing, not even a farewell.
        with suppress(BusUnavailable), driver_errors():
            async with asyncio.timeout(CLOSE_S):
                await connection.close()
        sockets.abort()


def check_absence(instances: int) -> Verdict:
    """Updates then travel over Redis, which nothing confirms."""
    found = "SCOREBOARD_AMQP_URL is not set: updates travel over Redis, for one host only"
    if instances > 1:
        return warning(
            f"{found}, and SCOREBOARD_INSTANCES is {instances}",
            "Name a RabbitMQ in SCOREBOARD_AMQP_URL.",
        )
    return ok(found)


def check_version(properties: dict[str, Any]) -> Verdict:
    """Whether the release is supported."""
    name, version = (_text(properties.get(each, "?")) for each in ("product", "version"))
    found = f"{name} {version} answers"
    release = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if release < VERSION_MIN:
        return problem(found, "Upgrade it to RabbitMQ 3.10 or newer.")
    return ok(found)


async def check_exchanges(connection: Connection) -> Verdict:
    """Whether those that exist have the right form; an instance makes the missing ones."""
    missing = []
    for name, kind in EXCHANGES.items():
        try:
            await _declare(connection, name, kind)
        except ChannelNotFoundEntity:
            missing.append(name)
        except ChannelPreconditionFailed:
            return problem(
                f"exchange {name} exists in another form than durable {kind}",
                f"rabbitmqadmin delete exchange name={name}, then an instance makes it anew.",
            )
        except ChannelAccessRefused:
            return problem(
                f"this user may not configure exchange {name}",
                "rabbitmqctl set_permissions with a pattern that has "
                "scoreboard\\..* for configure, write and read",
            )
    if missing:
        return warning(
            f"{', '.join(missing)} is not there yet", "Start an instance: it makes them."
        )
    return ok(f"{', '.join(EXCHANGES)} have the right form")


async def _declare(connection: Connection, name: str, kind: str) -> None:
    # Asked first whether it is there: only then does the second call create nothing. A refusal
    # ends its channel.
    channel = await connection.channel()
    await channel.exchange_declare(name, exchange_type=kind, passive=True)
    await channel.exchange_declare(name, exchange_type=kind, durable=True)
    await channel.close()


async def check_alarm(connection: Connection) -> Verdict:
    """Whether a message is confirmed; the one sent is for a queue that nobody has."""
    channel = await connection.channel(publisher_confirms=True)
    try:
        async with asyncio.timeout(CONFIRM_S):
            for _ in range(2):  # under an alarm the first may still be taken, none after it
                await channel.basic_publish(b"", routing_key=f"scoreboard.doctor.{token_hex(8)}")
    except TimeoutError:
        return problem(
            f"it confirms no message within {CONFIRM_S:g} s: a memory or disk alarm",
            "rabbitmq-diagnostics alarms, then free memory or disk on the named node.",
        )
    return ok("it confirms messages")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
