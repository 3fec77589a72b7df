"""One WebSocket of a live board, from its opening to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import aiohttp

from scoreboard.client.conversation import Conversation
from scoreboard.client.views import ViewState

PASSING = (aiohttp.ClientError, OSError, TimeoutError)
"""What may be over the next time."""

_ENDED = {
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.ERROR,
}


class Silence(Exception):
    """The service has said nothing for longer than it ever would."""


class Link:
    """Reads, answers, and looks at the clock. `on_changed` is told which views changed."""

    def __init__(
        self,
        ws: aiohttp.ClientWebSocketResponse[bool],
        conversation: Conversation,
        bring_token: Callable[[], Awaitable[str]],
        on_changed: Callable[[Sequence[ViewState]], None],
    ) -> None:
        self._ws = ws
        self._conversation = conversation
        self._bring_token = bring_token
        self._on_changed = on_changed
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Something may have to be said, or to be done earlier than it seemed."""
        self._nudged.set()

    async def hold(self) -> int | None:
        """Until the connection has ended; its close code. Raises Silence, LiveEnded."""
        with _unwrapped():
            async with asyncio.TaskGroup() as tasks:
                keeping = tasks.create_task(self._keep())
                await self._read()
                keeping.cancel()
        return self._ws.close_code

    async def _read(self) -> None:
        await self._flush()
        while (message := await self._ws.receive()).type not in _ENDED:
            if message.type is aiohttp.WSMsgType.TEXT:
                changed = self._conversation.received(message.data, time.time())
                await self._flush()
                if changed:
                    self._on_changed(changed)
                else:
                    self.nudge()

    async def _keep(self) -> None:
        """Does what is due. No frame sets a timer of its own: thousands may come at once."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._conversation.due_s - time.time())):
                    await self._nudged.wait()
            self._nudged.clear()
            if self._conversation.is_silent(time.time()):
                raise Silence
            if self._conversation.wants_token(time.time()):
                await self._refresh()
            self._conversation.tick(time.time())
            await self._flush()

    async def _refresh(self) -> None:
        try:
            token = await self._bring_token()
        except PASSING:
            self._conversation.lack_token(time.time())
        else:
            self._conversation.give_token(token, time.time())

    async def _flush(self) -> None:
        # Where the connection is lost, the reading notices.
        with suppress(aiohttp.ClientError, OSError):
            for frame in self._conversation.take_frames():
                await self._ws.send_str(frame)


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Raises the first error of a group as itself."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
