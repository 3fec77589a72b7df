"""`scoreboard top`, against a running service."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

from aiohttp import web

from tests.cli.conftest import Playground
from tests.cli.program import ending, read_json, read_until, run, run_apart, started


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


async def test_a_server_that_is_no_scoreboard_is_told_in_one_sentence(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"entries": "many"})

    app = web.Application()
    app.router.add_get("/boards/main/scores/top", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        shown = await asyncio.to_thread(run_apart, "top", "--url", url, cwd=tmp_path)
    finally:
        await runner.cleanup()
    assert (shown.code, shown.err) == (1, f"{url} is no scoreboard: it sent no top list.\n")
