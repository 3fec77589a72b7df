"""The TypeScript client and the service itself: Node runs one test of live.e2e.ts after another."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from scoreboard.domain.identifiers import UserId
from tests.client.scripted import answering
from tests.client.test_service import losing_answers
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.sdk.package import FOLDER, compile_tests, run
from tests.web.test_acts import act

SOURCE = (FOLDER / "test" / "live.e2e.ts").read_text("utf-8")


HEADS = {
    "an increment is redeemed and read": (),
    "refusals are told by their code": (),
    "an increment whose answers get lost counts once": (),
    "a live board shows each change": ("ws", "sse", "poll"),
    "whoever is suspended is shown no more": ("ws", "sse", "poll"),
    "a live board comes back after a restart": ("ws", "sse", "poll"),
    "a token is renewed in time": ("ws", "sse"),
    "a token that is not valid ends a live board": (),
    "a token that requests let expire is renewed for a live board": (),
    "a board that is not there ends": (),
}
"""Its tests, and the transports that they are run over."""

NAMES = [
    name
    for head, transports in HEADS.items()
    for name in ([f"{head} over {each}" for each in transports] or [head])
]


class Control:
    """What Node may ask of this side."""

    def __init__(self, backends: Backends, stack: AsyncExitStack) -> None:
        self._backends = backends
        self._stack = stack
        self._instance = AsyncExitStack()
        self._running: Scoreboard | None = None
        self._port = 0

    @property
    def running(self) -> Scoreboard:
        """The instance that serves."""
        assert self._running is not None
        return self._running

    async def handle(self, request: web.Request) -> web.Response:
        """Does what the address names."""
        asked = await request.json()
        value = await getattr(self, f"do_{request.path.strip('/')}")(**asked)
        return web.json_response({"value": value})

    async def do_start(self) -> None:
        """An instance, at the same port each time."""
        running = run_scoreboard(self._backends, port=self._port)
        self._running = await self._instance.enter_async_context(running)
        self._port = int(self._running.url.rpartition(":")[2])

    async def do_stop(self) -> None:
        """It drains, and is gone."""
        await self._instance.aclose()

    async def do_url(self) -> str:
        """Where it is."""
        return self.running.url

    async def do_lose(self, count: int) -> str:
        """A way to it on which the first answers get lost."""
        return await self._stack.enter_async_context(losing_answers(self.running, count))

    async def do_user(self) -> str:
        """A user that nobody knows."""
        return new_user()

    async def do_bearer(self, subject: str, lifeS: int) -> str:  # noqa: N803 - as Node says it
        """Who one is."""
        return self.running.bearer(subject, life_s=lifeS)

    async def do_grant(self, userId: UserId, delta: int, nowS: float | None = None) -> str:  # noqa: N803
        """What may be redeemed."""
        return self.running.grant(userId, delta, now_s=nowS).token

    async def do_increment(self, userId: UserId, delta: int) -> int:  # noqa: N803
        """What others do meanwhile."""
        answer = await self.running.increment(userId, delta)
        assert answer.status == 200, answer.body
        score: int = answer.body["score"]
        return score

    async def do_act(self, kind: str, userId: UserId) -> None:  # noqa: N803
        """What a moderator does."""
        answer = await act(self.running, {"kind": kind, "userId": userId})
        assert answer.status == 201, answer.body

    async def close(self) -> None:
        """Ends the instance."""
        await self._instance.aclose()


@asynccontextmanager
async def controlled(backends: Backends) -> AsyncIterator[str]:
    """Where an instance can be asked for things, while the block lasts."""
    async with AsyncExitStack() as stack:
        control = Control(backends, stack)
        stack.push_async_callback(control.close)
        await control.do_start()
        yield await stack.enter_async_context(answering(control.handle))


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_tests()


@pytest.mark.parametrize("name", NAMES)
async def test_the_client_and_the_service(name: str, backends: Backends) -> None:
    only = f"--test-name-pattern=^{name}$"
    command = ("node", "--test", "--experimental-websocket", only, "build/test/live.e2e.js")
    async with controlled(backends) as url:
        report = await run(*command, SCOREBOARD_CONTROL=url)
    assert re.search(rf"^ok \d+ - {name}$", report, re.MULTILINE), report


def test_every_test_of_the_file_is_run() -> None:
    assert set(re.findall(r'test\(["`](.*?)(?: over .*)?["`],', SOURCE)) == set(HEADS)
