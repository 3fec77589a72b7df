"""What becomes of the place that a result is written to."""

from __future__ import annotations

import os
import resource
import threading
from pathlib import Path

import pytest

from cli.loadtest.storage import check_writable, read_result, write_result, write_text
from cli.output import CommandFailed
from tests.loadtest.results import result
from tests.loadtest.service import PATIENCE_S


def test_a_device_stays_one() -> None:
    # A terminal of our own: broken code would destroy a device that others use, such as /dev/null.
    master, slave = os.openpty()
    try:
        device = Path(os.ttyname(slave))
        check_writable(device)
        write_text(device, "text")
        assert os.read(master, 100) == b"text"
        assert device.is_char_device()
    finally:
        os.close(slave)
        os.close(master)


def test_a_pipe_of_the_shells_takes_the_result(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    pipe = Path(f"/dev/fd/{writing}")
    check_writable(pipe)
    found: list[bytes] = []
    with os.fdopen(reading, "rb") as source:
        reader = threading.Thread(target=lambda: found.append(source.read()))
        reader.start()
        try:
            write_result(pipe, result())
        finally:
            os.close(writing)
            reader.join()
    (tmp_path / "a.json").write_bytes(found[0])
    assert read_result(tmp_path / "a.json") == result()


def test_a_named_pipe_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_writable(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    write_text(pipe, "text")
    reader.join(PATIENCE_S)
    assert found == ["text"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("before", ["yesterday's", None], ids=["there", "not yet"])
def test_a_link_stays_and_what_it_points_to_is_written(before: str | None, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    target = tmp_path / "results" / "today.json"
    if before is not None:
        target.write_text(before)
    link = tmp_path / "latest.json"
    link.symlink_to(target)
    check_writable(link)
    write_text(link, "text")
    assert link.is_symlink()
    assert target.read_text("utf-8") == "text"


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    link = tmp_path / "a.json"
    link.symlink_to(link)
    with pytest.raises(CommandFailed, match="cannot be written"):
        check_writable(link)


def test_a_disk_that_takes_no_more_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.json"
    file.write_text("before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(CommandFailed, match=r"a\.json cannot be written: File too large\."):
            write_text(file, "x" * 8192)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [
        ("a.json", "before")
    ]


def test_a_dash_is_stdout(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    check_writable(Path("-"))
    write_text(Path("-"), "text\n")
    assert capsys.readouterr().out == "text\n"
