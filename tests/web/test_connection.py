"""aiohttp's connection with an express lane: whatever comes when, no answer is lost or early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from scoreboard.web.connection import Connection, LaneServer

PATIENCE_S = 10.0


class Desk:
    """A lane that takes requests for /lane, and answers when the test says so."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[Connection] = asyncio.Queue()

    def take(
        self, connection: Connection, message: RawRequestMessage, payload: StreamReader
    ) -> bool:
        """Only what is for it; /now is answered at once."""
        if message.path not in ("/lane", "/now"):
            return False
        payload.read_nowait()
        if message.path == "/now":
            connection.answer(response(b"now"))
            return True
        self.taken.put_nowait(connection)
        return True

    async def answer(self, body: bytes) -> None:
        """Answers the next request that was taken."""
        async with asyncio.timeout(PATIENCE_S):
            connection = await self.taken.get()
        connection.answer(response(body))


def request(path: str, body: bytes = b"x") -> bytes:
    """A whole request."""
    return b"POST %s HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n%s" % (
        path.encode(),
        len(body),
        body,
    )


def response(body: bytes) -> bytes:
    """A whole answer."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def _usual(request: web.Request) -> web.Response:
    return web.Response(body=b"usual " + await request.read())


async def until(is_so: Callable[[], object]) -> None:
    """Returns once it is."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - the loop's own turns are what is waited for
            await asyncio.sleep(0)


class Served:
    """A server with a lane, and one connection to it."""

    def __init__(self, desk: Desk, runner: web.AppRunner, server: LaneServer) -> None:
        self.desk = desk
        self.runner = runner
        self.server = server
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def body(self) -> bytes:
        """The body of the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            return await self.reader.readexactly(length)


@asynccontextmanager
async def serving(keepalive_s: float = 60.0, head_s: float = 60.0) -> AsyncIterator[Served]:
    """The server and a connection, for as long as the context lasts."""
    app = web.Application()
    app.router.add_post("/usual", _usual)
    app.router.add_post("/lane", _usual)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=keepalive_s)
    await runner.setup()
    assert runner.server is not None
    desk = Desk()
    server = LaneServer(runner.server, desk, head_s)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    served = Served(desk, runner, server)
    address = listening.sockets[0].getsockname()
    served.reader, served.writer = await asyncio.open_connection(*address)
    try:
        yield served
    finally:
        served.writer.close()
        listening.close()
        await server.shutdown(0.1)
        await runner.cleanup()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Return a server with a lane and a connection to it."""
    async with serving() as running:
        yield running


async def test_the_lane_answers_what_it_takes_and_aiohttp_the_rest(served: Served) -> None:
    served.writer.write(request("/lane"))
    await served.desk.answer(b"lane")
    assert await served.body() == b"lane"
    served.writer.write(request("/usual", b"y"))
    assert await served.body() == b"usual y"
    served.writer.write(request("/lane"))
    await served.desk.answer(b"again")
    assert await served.body() == b"again"


async def test_the_lane_may_answer_at_once_and_the_connection_goes_on(served: Served) -> None:
    for _ in range(2):
        served.writer.write(request("/now"))
        assert await served.body() == b"now"
    served.writer.write(request("/usual", b"y"))
    assert await served.body() == b"usual y"


async def test_what_arrives_meanwhile_waits_for_its_turn(served: Served) -> None:
    served.writer.write(request("/lane"))
    connection = await served.desk.taken.get()
    served.writer.write(request("/usual", b"1") + request("/lane", b"2") + request("/usual", b"3"))
    await until(lambda: connection.transport and not connection.transport.is_reading())
    connection.answer(response(b"first"))
    bodies = [await served.body() for _ in range(4)]
    # The second one for the lane came together with others: only aiohttp keeps those in order.
    assert bodies == [b"first", b"usual 1", b"usual 2", b"usual 3"]


async def test_a_request_in_pieces_is_not_shown_to_the_lane(served: Served) -> None:
    whole = request("/lane", b"ab")
    served.writer.write(whole[:-1])
    await until(lambda: served.server.requests_count)  # its handler has begun
    served.writer.write(whole[-1:])
    assert await served.body() == b"usual ab"
    assert served.desk.taken.empty()


async def test_nonsense_after_a_taken_request_is_refused_after_its_answer(served: Served) -> None:
    served.writer.write(request("/lane"))
    connection = await served.desk.taken.get()
    served.writer.write(b"nonsense\r\n\r\n")
    connection.answer(response(b"first"))
    assert await served.body() == b"first"
    async with asyncio.timeout(PATIENCE_S):
        assert (await served.reader.read()).startswith(b"HTTP/1.0 400 ")


async def test_a_long_answer_is_no_silence_and_silence_ends_the_connection() -> None:
    async with serving(keepalive_s=0.3) as served:
        served.writer.write(request("/lane"))
        connection = await served.desk.taken.get()
        await asyncio.sleep(1.0)  # three times the silence that aiohttp bears
        connection.answer(response(b"late"))
        assert await served.body() == b"late"
        async with asyncio.timeout(PATIENCE_S):
            assert await served.reader.read() == b""


async def test_a_server_that_shuts_down_lets_the_lane_answer(served: Served) -> None:
    served.writer.write(request("/lane"))
    connection = await served.desk.taken.get()
    served.server.pre_shutdown()
    stopping = asyncio.create_task(served.server.shutdown(PATIENCE_S))
    stopped, _ = await asyncio.wait({stopping}, timeout=0.2)
    assert not stopped
    connection.answer(response(b"last"))
    assert await served.body() == b"last"
    await stopping
    assert await served.reader.read() == b""


async def test_a_server_that_shuts_down_waits_no_longer_than_it_may(served: Served) -> None:
    served.writer.write(request("/lane"))
    connection = await served.desk.taken.get()
    async with asyncio.timeout(PATIENCE_S):
        await served.server.shutdown(0.05)
    connection.answer(response(b"too late"))
    assert await served.reader.read() == b""


async def test_an_answer_for_a_client_that_has_gone_goes_nowhere(served: Served) -> None:
    served.writer.write(request("/lane"))
    connection = await served.desk.taken.get()
    served.writer.close()
    await until(lambda: connection.transport is None)
    connection.answer(response(b"nobody"))
    await until(lambda: not served.server.connections)


async def test_who_connects_and_says_nothing_is_cut_off() -> None:
    async with serving(head_s=0.1) as served, asyncio.timeout(PATIENCE_S):
        assert await served.reader.read() == b""


@pytest.mark.parametrize("path", ["/usual", "/now"])
async def test_who_sends_a_head_byte_by_byte_is_cut_off(path: str) -> None:
    async with serving(head_s=0.3) as served, asyncio.timeout(PATIENCE_S):
        served.writer.write(request(path))  # a first one in time changes nothing
        await served.body()
        reading = asyncio.create_task(served.reader.read())
        for byte in request(path)[:40]:
            served.writer.write(bytes([byte]))
            await asyncio.wait((reading,), timeout=0.02)
            if reading.done():
                break
        with suppress(ConnectionError):  # for what came after the end
            assert await reading == b""


async def test_the_time_for_heads_is_none_for_answers_or_between_requests() -> None:
    async with serving(head_s=0.1) as served:
        served.writer.write(request("/lane"))
        connection = await served.desk.taken.get()
        await asyncio.sleep(0.3)
        connection.answer(response(b"late"))
        assert await served.body() == b"late"
        await asyncio.sleep(0.3)
        whole = request("/usual", b"ab")
        served.writer.write(whole[:-1])
        await asyncio.sleep(0.3)  # the body has a limit of its own
        served.writer.write(whole[-1:])
        assert await served.body() == b"usual ab"
