"""Everything that exists in RabbitMQ: three exchanges, and one queue for each instance."""

from __future__ import annotations

from aiormq.abc import AbstractChannel

UPDATES = "scoreboard.updates"
"""Topic, for other services: one message for each event, routing key `<board>.<userId>`."""

SNAPSHOTS = "scoreboard.snapshots"
"""Fanout: views as gateways show them, already encoded."""

WAKE = "scoreboard.wake"
"""Fanout: a writer committed, the relay should look."""

EXCHANGES = {UPDATES: "topic", SNAPSHOTS: "fanout", WAKE: "fanout"}
"""Every exchange and its type; all are durable."""

QUEUE_MAX_MESSAGES = 1000

# A slow instance loses the oldest views, whose successors are in the queue behind them.
QUEUE_ARGUMENTS: dict[str, int | str] = {
    "x-max-length": QUEUE_MAX_MESSAGES,
    "x-overflow": "drop-head",
}


async def declare_exchanges(channel: AbstractChannel) -> None:
    """Creates the exchanges; fails with the driver's error where one exists in another form."""
    for name, kind in EXCHANGES.items():
        await channel.exchange_declare(name, exchange_type=kind, durable=True)


async def declare_queue(channel: AbstractChannel) -> str:
    """Creates this instance's queue, bound to both fanouts; returns the name the server gave.

    The name is the server's and new each time: an exclusive queue of one's own name stays locked
    for as long as the server has not noticed that the earlier connection is dead.
    """
    declared = await channel.queue_declare(
        "", exclusive=True, auto_delete=True, arguments=dict(QUEUE_ARGUMENTS)
    )
    queue = str(declared.queue)
    for exchange in (SNAPSHOTS, WAKE):
        await channel.queue_bind(queue, exchange)
    return queue
