"""Which transport carries the bus."""

from __future__ import annotations

from scoreboard.bus.protocol import Bus
from scoreboard.bus.rabbitmq import RabbitMQBus
from scoreboard.bus.redis import RedisBus
from scoreboard.settings import Settings


def open_bus(settings: Settings) -> Bus:
    """RabbitMQ where a URL names one, else Redis; connects only when run."""
    if settings.amqp_url:
        return RabbitMQBus(settings.amqp_url)
    return RedisBus(settings.redis_url, settings.redis_prefix)
