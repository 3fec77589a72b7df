"""Keeps a conversation going, over one connection after another."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp

from scoreboard.client.conversation import Conversation
from scoreboard.client.frames import SUBPROTOCOL
from scoreboard.client.link import PASSING, Link, Silence
from scoreboard.client.policy import Pause, read_retry_after
from scoreboard.client.states import Connection, Interruption, Reason
from scoreboard.client.tokens import Token, bring
from scoreboard.client.views import ViewState

HANDSHAKE_MAX_S = 30.0

OnChanged = Callable[[Sequence[ViewState]], None]
OnConnection = Callable[[Interruption | None], None]
"""Told of each end, and by None of each beginning."""


class Following:
    """The connections of one conversation. `token` may be None where no view needs one."""

    def __init__(
        self,
        base_url: str,
        conversation: Conversation,
        token: Token | None,
        session: aiohttp.ClientSession | None,
    ) -> None:
        self.connection: Connection = "connecting"
        self._url = f"{base_url.rstrip('/')}/ws"
        self._conversation = conversation
        self._token = token
        self._given_session = session
        self._link: Link | None = None
        self._chance = random.SystemRandom()

    def nudge(self) -> None:
        """Something may have to be said."""
        if self._link is not None:
            self._link.nudge()

    async def run(self, on_changed: OnChanged, on_connection: OnConnection) -> None:
        """Until cancelled. Raises LiveEnded, NotAScoreboard, and most of what the token's source
        does: OSError, TimeoutError and aiohttp.ClientError count as a connection that failed.
        """
        async with self._session() as session:
            while True:
                self.connection = "connecting"
                interruption = await self._connect(session, on_changed, on_connection)
                self.connection = "waiting"
                on_connection(interruption)
                await asyncio.sleep(interruption.pause_s)

    async def _connect(
        self, session: aiohttp.ClientSession, on_changed: OnChanged, on_connection: OnConnection
    ) -> Interruption:
        """One connection from its attempt to its end, and what that was."""
        conversation = self._conversation
        try:
            async with asyncio.timeout(HANDSHAKE_MAX_S):
                if conversation.wants_token(time.time()):
                    conversation.give_token(await self._bring_token(), time.time())
                ws = await session.ws_connect(
                    self._address(), protocols=(SUBPROTOCOL,), decode_text=False
                )
        except aiohttp.WSServerHandshakeError as error:
            pause = conversation.refused(error.status, read_retry_after(error.headers))
            return self._interruption("refused", pause, status=error.status)
        except TimeoutError:
            return self._interruption("silent", conversation.unreachable())
        except PASSING:
            return self._interruption("unreachable", conversation.unreachable())
        self._link = Link(ws, conversation, self._bring_token, on_changed)
        return await self._hold(ws, self._link, on_connection)

    async def _hold(
        self,
        ws: aiohttp.ClientWebSocketResponse[bool],
        link: Link,
        on_connection: OnConnection,
    ) -> Interruption:
        code: int | None = None
        reason: Reason = "closed"
        try:
            self._conversation.opened(time.time())
            self.connection = "open"
            on_connection(None)
            code = await link.hold()
        except Silence:
            reason = "silent"
        finally:
            self._link = None
            await ws.close()
        pause = self._conversation.closed(code, time.time())
        return self._interruption(reason, pause, code=code)

    async def _bring_token(self) -> str:
        assert self._token is not None, "only views that need one ask for it"
        return await bring(self._token)

    def _address(self) -> str:
        board, views = self._conversation.name_views()
        named = [("board", board), *(("view", view) for view in views)]
        return f"{self._url}?{urlencode(named)}"

    def _interruption(
        self, reason: Reason, pause: Pause, *, code: int | None = None, status: int | None = None
    ) -> Interruption:
        pause_s = self._chance.uniform(pause.shortest_s, pause.longest_s)
        return Interruption(reason, pause_s, code, status)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._given_session is not None:
            yield self._given_session
            return
        async with aiohttp.ClientSession() as session:
            yield session
