"""Writing views to sockets: in slices, never waiting, skipping who cannot follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scoreboard.gateway.channel import Channel
from scoreboard.gateway.codes import CloseCode
from scoreboard.gateway.subscriber import Subscriber
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.telemetry.metrics import Metrics

SLICE = 256
"""Sockets written to before other work gets its turn: about 2 ms."""


class Lag:
    """What a slow client has missed, and since when (the loop's clock, seconds)."""

    __slots__ = ("channels", "since_s")

    def __init__(self, since_s: float) -> None:
        self.since_s = since_s
        self.channels: set[Channel] = set()


class Delivery:
    """Offers channels' latest versions. A client above the skip limit is left alone until its
    buffer is empty, then given the latest version of what it missed; memory stays bounded.
    """

    def __init__(self, settings: Settings, metrics: Metrics, now_us: Callable[[], int]) -> None:
        self._settings = settings
        self._metrics = metrics
        self._now_us = now_us
        self._unfinished: dict[Channel, None] = {}
        self._lags: dict[Subscriber, Lag] = {}
        self._has_unfinished = asyncio.Event()
        self._has_lags = asyncio.Event()

    def start(self, channel: Channel, *, timed: bool) -> None:
        """Begins to write the channel's new version to all; `timed` counts in the latency."""
        conflated = channel.queue_all(timed=timed)
        if conflated:
            self._metrics.frames_conflated.inc(conflated)
        if channel not in self._unfinished:
            self._write_slice(channel)

    def write(self, channel: Channel, subscriber: Subscriber) -> None:
        """Offers the latest version to one subscriber at once."""
        self._metrics.frames_sent.inc(self._offer(channel, (subscriber,)))

    def is_behind(self, subscriber: Subscriber) -> bool:
        """Whether the subscriber was skipped and has not drained since."""
        return subscriber in self._lags

    def forget(self, subscriber: Subscriber, channel: Channel) -> None:
        """The subscriber watches the channel no more."""
        lag = self._lags.get(subscriber)
        if lag is not None:
            lag.channels.discard(channel)

    def leave(self, subscriber: Subscriber) -> None:
        """The subscriber is gone."""
        self._lags.pop(subscriber, None)

    async def run(self) -> None:
        """Writes what remains, looks after slow clients; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._finish())
            tasks.create_task(self._watch_lags())

    async def _finish(self) -> None:
        while True:
            await self._has_unfinished.wait()
            for channel in tuple(self._unfinished):
                self._write_slice(channel)
                await asyncio.sleep(0)

    def _write_slice(self, channel: Channel) -> None:
        self._metrics.frames_sent.inc(self._offer(channel, channel.take(SLICE)))
        if channel.pending:
            self._unfinished[channel] = None
            self._has_unfinished.set()
            return
        self._unfinished.pop(channel, None)
        if not self._unfinished:
            self._has_unfinished.clear()
        self._observe(channel)

    def _observe(self, channel: Channel) -> None:
        """Once per version, when the last socket has it: the latency of the slowest."""
        message = channel.message
        if channel.timed and message is not None and message.changed_us is not None:
            latency_us = self._now_us() - message.changed_us
            self._metrics.update_latency_ms.observe(max(latency_us, 0) / 1000)
        channel.timed = False

    def _offer(self, channel: Channel, subscribers: Sequence[Subscriber]) -> int:
        """Writes to each what it lacks, or skips it; how many were written to."""
        lags, skip_bytes = self._lags, self._settings.websocket_buffer_skip_bytes
        frame_for = channel.frame_for
        sent = 0
        for subscriber in subscribers:
            transport = subscriber.transport
            if subscriber in lags or transport.get_write_buffer_size() > skip_bytes:
                self._skip(channel, subscriber)
            elif not transport.is_closing():
                frame = frame_for(subscriber)
                if frame is not None:
                    transport.write(frame)
                    sent += 1
        return sent

    def _skip(self, channel: Channel, subscriber: Subscriber) -> None:
        lag = self._lags.get(subscriber)
        if lag is None:
            lag = self._lags[subscriber] = Lag(asyncio.get_running_loop().time())
            self._has_lags.set()
        lag.channels.add(channel)
        self._metrics.frames_conflated.inc()

    async def _watch_lags(self) -> None:
        while True:
            await self._has_lags.wait()
            await asyncio.sleep(self._settings.tick_ms / 1000)
            now_s = asyncio.get_running_loop().time()
            for subscriber, lag in tuple(self._lags.items()):
                self._judge(subscriber, lag, now_s)
            if not self._lags:
                self._has_lags.clear()

    def _judge(self, subscriber: Subscriber, lag: Lag, now_s: float) -> None:
        unsent_bytes = subscriber.transport.get_write_buffer_size()
        # Empty, not merely below the limit: the latest version must not queue behind stale ones.
        if unsent_bytes == 0:
            del self._lags[subscriber]
            self._resume(subscriber, lag)
        elif (
            unsent_bytes > self._settings.websocket_buffer_max_bytes
            or now_s - lag.since_s > self._settings.websocket_behind_max_s
        ):
            del self._lags[subscriber]
            subscriber.end(CloseCode.SLOW)

    def _resume(self, subscriber: Subscriber, lag: Lag) -> None:
        for channel in lag.channels:
            channel.pending[subscriber] = channel.subscribers[subscriber]
            self._unfinished[channel] = None
            self._has_unfinished.set()
