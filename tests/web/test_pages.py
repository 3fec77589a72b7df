"""The pages for people: nothing foreign runs on them, and caches never show an old one."""

from __future__ import annotations

import gzip
import re
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDictProxy

from tests.harness import Scoreboard

PAGES = ("/", "/docs", "/console")
FORBIDDEN = re.compile(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|https?://(?!localhost)")


async def _fetch(
    scoreboard: Scoreboard, path: str, method: str = "GET", **headers: str
) -> tuple[int, CIMultiDictProxy[str], bytes]:
    """What stands on the wire: nothing is unpacked."""
    given: dict[str, Any] = {name.replace("_", "-"): text for name, text in headers.items()}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.request(
            method,
            scoreboard.url + path,
            headers=given,
            skip_auto_headers=["Accept-Encoding"],
        ) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def _assets(scoreboard: Scoreboard, path: str) -> list[str]:
    _, _, body = await _fetch(scoreboard, path)
    return re.findall(r'"(/assets/[^"]+)"', body.decode())


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_and_loads_nothing_but_files_of_its_own(
    scoreboard: Scoreboard, path: str
) -> None:
    status, headers, body = await _fetch(scoreboard, path)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not FORBIDDEN.search(body.decode())


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_asked_for_each_time_and_sent_only_where_it_is_new(
    scoreboard: Scoreboard, path: str
) -> None:
    _, headers, _ = await _fetch(scoreboard, path)
    assert headers["Cache-Control"] == "no-cache"
    again = await _fetch(scoreboard, path, If_None_Match=headers["ETag"])
    assert (again[0], again[2]) == (304, b"")
    assert again[1]["Content-Security-Policy"] == headers["Content-Security-Policy"]
    assert (await _fetch(scoreboard, path, If_None_Match='"other"'))[0] == 200


@pytest.mark.parametrize("path", PAGES)
async def test_the_files_of_a_page_are_there_and_kept_for_good(
    scoreboard: Scoreboard, path: str
) -> None:
    assets = await _assets(scoreboard, path)
    assert {each.rpartition(".")[2] for each in assets} == {"css", "js", "svg"}
    for asset in assets:
        status, headers, body = await _fetch(scoreboard, asset)
        assert (status, headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert body


async def test_a_file_of_another_release_is_answered_with_the_present_one_and_not_kept(
    scoreboard: Scoreboard,
) -> None:
    (asset,) = [each for each in await _assets(scoreboard, "/") if "/board-" in each][1:]
    other = re.sub(r"-[0-9a-f]{16}", f"-{'0' * 16}", asset)
    present, old = await _fetch(scoreboard, asset), await _fetch(scoreboard, other)
    assert (old[0], old[2]) == (200, present[2])
    assert old[1]["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("gzip;q=0", None), ("br", None)],
)
async def test_a_file_is_packed_for_whoever_accepts_that(
    scoreboard: Scoreboard, accepted: str, encoding: str | None
) -> None:
    plain = await _fetch(scoreboard, "/docs")
    status, headers, body = await _fetch(scoreboard, "/docs", Accept_Encoding=accepted)
    assert (status, headers["Vary"]) == (200, "Accept-Encoding")
    assert headers.get("Content-Encoding") == encoding
    assert (gzip.decompress(body) if encoding else body) == plain[2]
    assert plain[1].get("Content-Encoding") is None


@pytest.mark.parametrize("path", PAGES)
async def test_head_tells_what_get_would(scoreboard: Scoreboard, path: str) -> None:
    status, headers, body = await _fetch(scoreboard, path, "HEAD")
    got = await _fetch(scoreboard, path)
    assert (status, body) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Content-Security-Policy"):
        assert headers[name] == got[1][name]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/board.js",
        "/assets/nothing-0123456789abcdef.js",
        "/assets/index-0123456789abcdef.html",
        "/assets/..%2Fopenapi.json",
        "/index.html",
    ],
)
async def test_nothing_else_is_there(scoreboard: Scoreboard, path: str) -> None:
    answer = await scoreboard.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_page_takes_no_post(scoreboard: Scoreboard) -> None:
    answer = await scoreboard.send("POST", "/")
    assert (answer.status, answer.code) == (405, "method_not_allowed")


async def test_a_service_that_is_not_dev_offers_no_points(scoreboard: Scoreboard) -> None:
    _, _, body = await _fetch(scoreboard, "/")
    assert b'name="scoreboard-mode" content="live"' in body
    for method, path in (("POST", "/dev/visitor"), ("POST", "/dev/grant"), ("GET", "/dev/names")):
        answer = await scoreboard.send(method, path)
        assert (answer.status, answer.code) == (404, "not_found"), path


async def test_the_reference_names_every_operation_frame_and_code(scoreboard: Scoreboard) -> None:
    _, _, body = await _fetch(scoreboard, "/docs")
    anchors = set(re.findall(r'id="([^"]+)"', body.decode()))
    rest = (await scoreboard.get("/openapi.json")).body
    live = (await scoreboard.get("/asyncapi.json")).body
    wanted = {each["operationId"] for item in rest["paths"].values() for each in item.values()}
    wanted |= {f"code-{code}" for code in rest["components"]["examples"]}
    wanted |= {f"schema-{name}" for name in rest["components"]["schemas"]}
    wanted |= {f"message-{name}" for name in live["components"]["messages"]}
    wanted |= {f"frame-{name}" for name in live["components"]["schemas"]}
    assert wanted <= anchors
    assert set(re.findall(r'href="#([^"]+)"', body.decode())) <= anchors
