"""All that is held of a user, into a file or to stdout."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cli.actor import local_actor
from cli.environment import read_database_settings
from cli.events.files import disk_told, open_private
from cli.output import CommandFailed, print_line, stdout_told
from cli.progress import progress
from cli.signals import run_work
from scoreboard.domain.identifiers import UserId
from scoreboard.ledger.session import open_session
from scoreboard.moderation.personal_data import recorded_export

STDOUT = "-"


def export_user(user_id: UserId, file: str) -> None:
    """Records that it was asked for, and writes the document."""
    if file == STDOUT:
        run_work(_export(user_id, sys.stdout.buffer))
        return
    target = Path(file)
    with _new_file(target) as opened:
        run_work(_export(user_id, opened))
    print_line(f"all that is held of the user is in {target}.")


async def _export(user_id: UserId, out: BinaryIO) -> None:
    async with open_session(read_database_settings().database_url, "users") as session:
        actor = local_actor()
        with progress("looking through events", None, "MB") as advance:
            async with recorded_export(session, user_id, actor, advance) as pieces:
                await _write(pieces, out)


async def _write(pieces: AsyncGenerator[str, None], out: BinaryIO) -> None:
    async for piece in pieces:
        with stdout_told() if out is sys.stdout.buffer else disk_told(out.name, "written"):
            out.write(piece.encode())
    with stdout_told():
        out.flush()


@contextmanager
def _new_file(target: Path) -> Iterator[BinaryIO]:
    """Appears under its name once it is complete; whatever ends it before leaves nothing."""
    if target.exists():
        raise CommandFailed(f"{target} exists already: remove it, or name another file.")
    part = target.with_name(f"{target.name}.part")
    with disk_told(target, "written"):
        file = open_private(part, "wb")
    try:
        with file:
            yield file
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
