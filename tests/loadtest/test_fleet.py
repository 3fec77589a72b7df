"""Generator processes: started as the program they belong to, and all ended at once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import pytest

from cli.loadtest.fleet import Fleet
from cli.loadtest.tally import Slice
from tests.checker import until
from tests.loadtest.service import PLAIN, plan, serving


async def test_a_folder_called_cli_where_the_user_stands_is_not_the_program(
    tmp_path: Path,
) -> None:
    async def answer(_number: int, writer: asyncio.StreamWriter) -> None:
        writer.write(PLAIN)

    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__init__.py").write_text("raise SystemExit('not the program')")
    slices: list[Slice] = []
    fleet = Fleet(lambda _: None, slices.append)
    async with serving(answer) as server:
        with contextlib.chdir(tmp_path):
            assert await fleet.run([plan(server.port)])
    assert sum(each.answered["top"] for each in slices) == 100


async def test_an_end_while_they_prepare_reaches_every_process_at_once() -> None:
    async def never(_number: int, _writer: asyncio.StreamWriter) -> None:
        """So that watchers wait for their first list."""

    async with serving(never) as server:
        fleet = Fleet(lambda _: None, lambda _: None)
        running = asyncio.create_task(fleet.run(plan(server.port, watchers=3).split(3)))

        async def are_watching() -> bool:
            return server.requests == 3

        await until(are_watching)
        stuck, *others = fleet._processes
        stuck.send_signal(signal.SIGSTOP)
        running.cancel()

        async def have_ended() -> bool:
            return all(each.returncode is not None for each in others)

        await until(have_ended)
        assert stuck.returncode is None
        stuck.send_signal(signal.SIGCONT)
        with pytest.raises(asyncio.CancelledError):
            await running
    # By themselves, upon the end of their orders.
    assert [each.returncode for each in fleet._processes] == [0, 0, 0]
