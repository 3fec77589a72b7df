"""A closed-loop HTTP/1.1 client: each connection sends its next request upon the answer."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of them stay below; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


@dataclass
class Result:
    """Latencies in seconds, answers by status, and the time it all took."""

    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return len(self.latencies_s) / self.took_s

    def percentile_ms(self, percent: float) -> float:
        """The latency that `percent` of the answers stay below."""
        return percentile(self.latencies_s, percent) * 1000


class _Connection(asyncio.Protocol):
    def __init__(self, requests: list[bytes], result: Result) -> None:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._result = result
        self._buffer = b""
        self._sent_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or (length is not None and len(body) < int(length[1])):
            return
        self._buffer = b""
        self._result.latencies_s.append(time.perf_counter() - self._sent_s)
        self._result.statuses[int(head[9:12])] += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(exc or ConnectionResetError("the server hung up"))

    def _send(self) -> None:
        if not self._requests:
            self.finished.set_result(None)
            self._transport.close()
            return
        self._sent_s = time.perf_counter()
        self._transport.write(self._requests.pop())


async def send_all(port: int, requests: list[bytes], connections: int) -> Result:
    """Sends every request over so many connections to 127.0.0.1; `requests` is used up."""
    loop = asyncio.get_running_loop()
    result = Result()
    started_s = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(requests, result), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.finished for _, protocol in opened))
    result.took_s = time.perf_counter() - started_s
    return result
