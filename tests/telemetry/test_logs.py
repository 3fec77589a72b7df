"""Lines that processes write into one stream."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
from collections.abc import Iterator

import pytest
import structlog

from scoreboard.telemetry.logs import configure_logs, get_log, write_line

PIPE_BUF = 4096
"""What Linux writes into a pipe in one piece."""


@pytest.fixture
def configurable() -> Iterator[None]:
    """Logs may be configured while the test runs."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # else they would be closed, and they are pytest's
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def log(configurable: None) -> io.StringIO:
    """Return what the process logs from here on, as worker 2 of the instance `a`."""
    stream = io.StringIO()
    configure_logs(stream, instance="a-2", worker=2)
    return stream


def test_each_line_names_its_process(log: io.StringIO) -> None:
    get_log("room").info("something")
    logging.getLogger("library").warning("something else")
    for line in map(json.loads, log.getvalue().splitlines()):
        assert (line["instance"], line["worker"]) == ("a-2", 2)


@pytest.mark.parametrize("sign", ["x", "ä", "\u2028"], ids=["ascii", "umlaut", "separator"])
def test_a_line_fits_into_a_pipe_in_one_piece_and_keeps_the_end_of_what_is_long(
    log: io.StringIO, sign: str
) -> None:
    get_log("room").error("failed", exception=sign * 9000 + "the end")
    logging.getLogger("library").error("%s", sign * 9000 + "the end")
    for text in log.getvalue().splitlines(keepends=True):
        assert len(text.encode()) <= PIPE_BUF
        line = json.loads(text)
        assert (line.get("exception") or line["event"]).endswith("xthe end".replace("x", sign))


@pytest.mark.usefixtures("configurable")
def test_a_line_that_cannot_be_written_is_counted_and_harms_nobody() -> None:
    reader, writer = os.pipe()
    lost: list[None] = []
    with io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True) as stream:
        configure_logs(stream, lambda: lost.append(None))
        get_log("room").info("read")
        assert len(os.read(reader, PIPE_BUF).splitlines()) == 1
        os.close(reader)
        get_log("room").info("not read")
        logging.getLogger("library").warning("not read")
        assert len(lost) == 2
    get_log("room").info("the stream is closed")
    assert len(lost) == 3


@pytest.mark.usefixtures("configurable")
async def test_the_lines_of_one_turn_are_written_together_as_a_pipe_takes_them() -> None:
    pieces: list[str] = []

    class Pipe(io.StringIO):
        def write(self, piece: str, /) -> int:
            pieces.append(piece)
            return len(piece)

    configure_logs(Pipe())
    for number in range(30):
        write_line("each", {"room": "room", "number": number, "text": "ü" * 100})
    assert pieces == []
    await asyncio.sleep(0)
    assert all(3000 < len(piece.encode()) <= PIPE_BUF for piece in pieces[:-1])
    lines = [json.loads(line) for line in "".join(pieces).splitlines()]
    assert [line["number"] for line in lines] == list(range(30))


@pytest.mark.usefixtures("configurable")
def test_what_a_loop_left_is_written_by_the_next_line_or_the_end() -> None:
    stream = io.StringIO()
    configure_logs(stream)
    loop = asyncio.new_event_loop()
    loop.call_soon(lambda: (get_log("room").info("last"), loop.stop()))
    loop.run_forever()
    loop.close()
    assert stream.getvalue() == ""
    get_log("room").info("after")
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == ["last", "after"]


def test_text_that_is_no_utf_8_is_written_with_escapes(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without pytest's own: the reports of parallel tests cannot carry such a text.
    root = logging.getLogger()
    ours = [each for each in root.handlers if type(each) is logging.StreamHandler]
    monkeypatch.setattr(root, "handlers", ours)
    get_log("room").info("odd", header="\udce4")
    logging.getLogger("library").warning("odd \udce4")
    first, second = map(json.loads, log.getvalue().splitlines())
    assert (first["header"], second["event"]) == ("\\udce4", "odd \\udce4")
