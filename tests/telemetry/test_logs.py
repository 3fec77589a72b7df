"""Lines that processes write into one stream."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from scoreboard.telemetry.logs import configure_logs, get_log

PIPE_BUF = 4096
"""What Linux writes into a pipe in one piece."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the process logs from here on, as worker 2 of the instance `a`."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    root.handlers.clear()  # else they would be closed, and they are pytest's
    configure_logs(stream, instance="a-2", worker=2)
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


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
