"""`scoreboard cache verify`: whether Redis holds what PostgreSQL says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from cli.arguments import DEFAULT_BOARD, BoardOption
from cli.cache.rebuild import AllOption, check_boards, rebuild_board
from cli.output import (
    FAILED,
    CommandFailed,
    JsonOption,
    print_error,
    print_json,
    print_line,
    print_table,
)
from cli.progress import progress
from cli.signals import run_work
from scoreboard.domain.identifiers import BoardId, UserId, user_id_from_bytes

if TYPE_CHECKING:
    from cli.cache.stores import Stores
    from cli.cache.verification import Findings


class Differing(Struct, frozen=True):
    """How many users differ in one way, and some of them."""

    users: int
    examples: list[UserId]


class Verified(Struct, frozen=True, rename="camel"):
    """One board's outcome; with a repair, as it is after that. `differences` go by their kind."""

    board: BoardId
    equal: bool
    index: str
    users: int
    users_in_redis: int
    whole: bool
    differences: dict[str, Differing]
    repair: str | None


def verify(
    board: BoardOption = DEFAULT_BOARD,
    all_boards: AllOption = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what differs, by a rebuild where it takes one.")
    ] = False,
    examples: Annotated[
        int, typer.Option(min=0, max=100, help="Users named of each kind of difference.")
    ] = 3,
    as_json: JsonOption = False,
) -> None:
    """Compare the ranks in Redis with PostgreSQL, user by user; exit code 1 where they differ.

    It may run while scores change. A user in Redis is missing, extra (not in PostgreSQL), older or
    newer than PostgreSQL, or other: the same version with another score, time or place.

    \b
    Examples:
      scoreboard cache verify
      scoreboard cache verify --board season-1 --examples 20
      scoreboard cache verify --all --repair --json
    """
    check_boards(board, every=all_boards)
    work = _verify_boards(
        board, every=all_boards, repair=repair, examples=examples, tell=not as_json
    )
    verified, failed = run_work(work)
    if as_json:
        print_json({"boards": verified})
    if failed or not all(each.equal for each in verified):
        raise typer.Exit(FAILED)


async def _verify_boards(
    board_id: BoardId, *, every: bool, repair: bool, examples: int, tell: bool
) -> tuple[list[Verified], int]:
    """What was found, and of how many boards nothing can be said."""
    from cli.cache.stores import open_stores  # noqa: PLC0415 - keeps --help quick

    verified: list[Verified] = []
    failed = 0
    async with open_stores("cache-verify") as stores:
        for each in await stores.find_boards(board_id, every=every):
            try:
                found, done = await _verify(stores, each), None
                if repair and not found.is_equal:
                    done = await _repair(stores, found)
                    found = await _verify(stores, each)
            except CommandFailed as error:
                print_error(str(error))
                failed += 1
                continue
            verified.append(_describe(found, done, examples))
            if tell:
                _print(verified[-1], can_repair=not repair)
    return verified, failed


async def _verify(stores: Stores, board_id: BoardId) -> Findings:
    from cli.cache.verification import verify_board  # noqa: PLC0415 - keeps --help quick
    from scoreboard.ledger.totals import estimate_totals  # noqa: PLC0415

    expected = await estimate_totals(stores.session, board_id)
    with progress(f"verify {board_id}", expected, "users") as advance:
        return await verify_board(stores, board_id, advance)


async def _repair(stores: Stores, found: Findings) -> str:
    from scoreboard.standings.packed import unpack_totals  # noqa: PLC0415 - keeps --help quick

    if not found.can_be_written:
        await rebuild_board(stores, found.board_id)
        return "rebuilt"
    packed = b"".join(found.unwritten.values())
    await stores.standings.apply(found.board_id, unpack_totals(found.board_id, packed))
    return f"wrote {len(found.unwritten):,} users"


def _describe(found: Findings, repair: str | None, examples: int) -> Verified:
    by_kind: dict[str, list[bytes]] = {}
    for user, kind in found.differing.items():
        by_kind.setdefault(kind, []).append(user)
    return Verified(
        board=found.board_id,
        equal=found.is_equal,
        index=found.state,
        users=found.users,
        users_in_redis=found.users_in_redis,
        whole=found.is_whole,
        differences={
            kind: Differing(len(users), [user_id_from_bytes(each) for each in users[:examples]])
            for kind, users in by_kind.items()
        },
        repair=repair,
    )


def _print(verified: Verified, *, can_repair: bool) -> None:
    print_line(_summary(verified))
    if verified.differences:
        print_table(("difference", ">users", "for example"), _rows(verified))
    if not verified.equal and can_repair:
        print_line(f"Mend it: scoreboard cache verify --board {verified.board} --repair")


def _summary(verified: Verified) -> str:
    done = f"{verified.repair}; " if verified.repair else ""
    if verified.equal:
        return f"{verified.board}: {done}equal, {verified.users:,} users."
    if verified.index in {"absent", "being built"}:
        return f"{verified.board}: {done}the ranks in Redis are {verified.index}."
    state = "" if verified.index == "live" else f", which is {verified.index}"
    early = "" if verified.whole else " Too many differ: the search ended early."
    return (
        f"{verified.board}: {done}differs. {verified.users:,} users were compared with "
        f"{verified.users_in_redis:,} in Redis{state}.{early}"
    )


def _rows(verified: Verified) -> Iterator[tuple[str, str, str]]:
    for kind, each in verified.differences.items():
        yield kind, f"{each.users:,}", "".join(each.examples[:1])
        for user_id in each.examples[1:]:
            yield "", "", user_id
