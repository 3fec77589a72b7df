"""`scoreboard top`, against a running service."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.cli.conftest import Playground
from tests.cli.program import ending, read_json, read_until, run, run_apart, started
from tests.client.frames import delta, snapshot
from tests.client.scripted import script


def test_top_is_the_answer_of_the_service(playground: Playground, tmp_path: Path) -> None:
    shown = run("top", "--limit", "2", "--url", playground.url, "--json", cwd=tmp_path)
    assert shown.code == 0
    assert set(shown.document) == {"entries", "generatedAt"}
    assert len(shown.document["entries"]) <= 2


def test_watching_shows_each_change_as_a_line_of_json(
    playground: Playground, tmp_path: Path
) -> None:
    with started(
        "top", "--watch", "--limit", "1", "--json", "--url", playground.url, cwd=tmp_path
    ) as process:
        frames = [read_json(process) for _ in range(4)]
        process.send_signal(signal.SIGINT)
        assert ending(process).code == 0
    versions = [frame["version"] for frame in frames]
    assert versions == sorted(set(versions))
    assert len(frames[-1]["entries"]) == 1


async def test_a_change_that_comes_as_a_delta_is_a_whole_list_too(tmp_path: Path) -> None:
    async with script() as server:
        command = ("top", "--watch", "--json", "--url", server.url)
        with started(*command, cwd=tmp_path) as process:
            peer = await server.peer()
            for frame in (snapshot(1), delta(2, 1), {"type": "status", "stale": True}, delta(3, 2)):
                await peer.say(**frame)
            lines = [await asyncio.to_thread(read_json, process) for _ in range(3)]
            process.send_signal(signal.SIGINT)
            told = await asyncio.to_thread(ending, process)
    assert lines[0] == snapshot(1)
    assert lines[1].keys() == lines[0].keys()
    assert [each["version"] for each in lines] == [1, 2, 3]
    assert [each["entries"][0]["score"] for each in lines] == [1, 2, 3]
    assert (told.out, told.err) == (
        "",
        "The service cannot ask its ledger: what it shows may be out of date.\n",
    )


def test_watching_without_a_terminal_prints_tables(playground: Playground, tmp_path: Path) -> None:
    with started("top", "--watch", "--url", playground.url, cwd=tmp_path) as process:
        text = read_until(process, "-")
    assert re.search(r"rank\s+user\s+score", text)
    assert "\x1b" not in text


def test_watching_ends_quietly_when_its_reader_has_seen_enough(
    playground: Playground, tmp_path: Path
) -> None:
    with started("top", "--watch", "--json", "--url", playground.url, cwd=tmp_path) as process:
        read_json(process)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(20) == 1
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_an_unknown_board_is_told_in_the_services_own_words(
    playground: Playground, tmp_path: Path
) -> None:
    shown = run("top", "--board", "nowhere", "--url", playground.url, cwd=tmp_path)
    assert shown.code == 1
    assert "There is no board" in shown.err


def test_watching_an_unknown_board_ends(playground: Playground, tmp_path: Path) -> None:
    shown = run("top", "--watch", "--board", "nowhere", "--url", playground.url, cwd=tmp_path)
    assert shown.code == 1
    assert "no such board" in shown.err


def test_a_service_that_is_away_is_told_in_one_sentence(tmp_path: Path) -> None:
    shown = run("top", "--url", "http://127.0.0.1:1", cwd=tmp_path)
    assert shown.code == 1
    assert "scoreboard dev" in shown.err
    assert len(shown.err.splitlines()) == 1


@asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Where something that is no scoreboard answers for the top of the main board."""
    app = web.Application()
    app.router.add_get("/boards/main/scores/top", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


STRANGERS = {
    "other-json": (200, b'{"entries": "many"}', "{url} is no scoreboard: it sent no top list.\n"),
    "no-text": (200, b'"\xff"', "{url} is no scoreboard: it sent no top list.\n"),
    "problem-without-text": (
        503,
        b'{"code": "\xff"}',
        "{url} answered 503: it does not say why.\n",
    ),
    "problem-that-steers-terminals": (
        503,
        b'{"code": "x", "detail": "\\u001b[2Jaway\\nnow"}',
        r"{url} answered 503: \x1b[2Jaway now" + "\n",
    ),
}


@pytest.mark.parametrize(("status", "body", "sentence"), STRANGERS.values(), ids=STRANGERS)
async def test_a_server_that_is_no_scoreboard_is_told_in_one_sentence(
    status: int, body: bytes, sentence: str, tmp_path: Path
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    async with serving(answer) as url:
        shown = await asyncio.to_thread(run_apart, "top", "--url", url, cwd=tmp_path)
    assert (shown.code, shown.err) == (1, sentence.format(url=url))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
async def test_a_wait_for_an_answer_can_be_interrupted(
    number: signal.Signals, tmp_path: Path
) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def hesitate(_: web.Request) -> web.Response:
        asked.set()
        await over.wait()
        return web.Response()

    async with serving(hesitate) as url:
        with started("top", "--url", url, cwd=tmp_path) as process:
            await asyncio.wait_for(asked.wait(), 20)
            process.send_signal(number)
            shown = await asyncio.to_thread(ending, process)
        over.set()
    assert (shown.code, shown.out, shown.err) == (130, "", "Interrupted.\n")
