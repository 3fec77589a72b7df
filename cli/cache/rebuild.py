"""`scoreboard cache rebuild`: the ranks of a board, filled anew from the ledger."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from cli.arguments import DEFAULT_BOARD, BoardOption
from cli.output import FAILED, CommandFailed, JsonOption, print_error, print_json, print_line
from cli.progress import Advance, progress
from cli.signals import run_work
from scoreboard.domain.identifiers import BoardId

if TYPE_CHECKING:
    from cli.cache.stores import Stores

AllOption = Annotated[bool, typer.Option("--all", help="Every board instead of one.")]


class Rebuilt(Struct, frozen=True, rename="camel"):
    """What a rebuild came to."""

    board: BoardId
    users: int
    seconds: float
    users_per_s: int


def rebuild(
    board: BoardOption = DEFAULT_BOARD, all_boards: AllOption = False, as_json: JsonOption = False
) -> None:
    """Build the ranks of a board anew from PostgreSQL and swap them in.

    The service goes on meanwhile: readers keep the present ranks until the new ones are complete,
    and increments go to both. A rebuild that was interrupted is simply run again.

    \b
    Examples:
      scoreboard cache rebuild
      scoreboard cache rebuild --board season-1
      scoreboard cache rebuild --all --json
    """
    check_boards(board, every=all_boards)
    rebuilt, failed = run_work(_rebuild_boards(board, every=all_boards, tell=not as_json))
    if as_json:
        print_json({"boards": rebuilt})
    if failed:
        raise typer.Exit(FAILED)


def check_boards(board_id: BoardId, *, every: bool) -> None:
    """Raises BadParameter where both one board and all are asked for."""
    if every and board_id != DEFAULT_BOARD:
        raise typer.BadParameter("--board and --all exclude each other.")


async def rebuild_board(stores: Stores, board_id: BoardId) -> Rebuilt:
    """Rebuilds aside. Raises CommandFailed where another rebuild is in the way."""
    from cli.cache.stores import BATCH  # noqa: PLC0415 - keeps --help quick
    from scoreboard.ledger.totals import estimate_totals, scan_totals  # noqa: PLC0415
    from scoreboard.standings.epochs import AnotherRebuild  # noqa: PLC0415

    started_s = time.perf_counter()
    is_live = await stores.standings.examine(board_id)
    expected = await estimate_totals(stores.session, board_id)
    with progress(f"rebuild {board_id}", expected, "users") as advance:
        slices = _told(scan_totals(stores.session, board_id, BATCH), advance)
        try:
            # What cannot be trusted is discarded: it would refuse the writers of the new ranks.
            users = await stores.standings.rebuild(
                board_id, slices, discard_live=not is_live, give_way=True
            )
        except AnotherRebuild as error:
            sentence = str(error)
            raise CommandFailed(f"{sentence[0].upper()}{sentence[1:]}.") from error
    took_s = time.perf_counter() - started_s
    return Rebuilt(board_id, users, round(took_s, 3), round(users / took_s))


async def _rebuild_boards(
    board_id: BoardId, *, every: bool, tell: bool
) -> tuple[list[Rebuilt], int]:
    """What was rebuilt, and how many boards could not be."""
    from cli.cache.stores import open_stores  # noqa: PLC0415 - keeps --help quick

    rebuilt: list[Rebuilt] = []
    failed = 0
    async with open_stores("cache-rebuild") as stores:
        for each in await stores.find_boards(board_id, every=every):
            try:
                done = await rebuild_board(stores, each)
            except CommandFailed as error:
                print_error(str(error))
                failed += 1
                continue
            rebuilt.append(done)
            if tell:
                print_line(
                    f"{done.board}: {done.users:,} users in {done.seconds:.1f} s, "
                    f"{done.users_per_s:,} users/s"
                )
    return rebuilt, failed


async def _told(slices: AsyncIterator[bytes], advance: Advance) -> AsyncIterator[bytes]:
    from scoreboard.domain.standings import TOTAL_BYTES  # noqa: PLC0415 - keeps --help quick

    async for each in slices:
        yield each
        advance(len(each) // TOTAL_BYTES)
