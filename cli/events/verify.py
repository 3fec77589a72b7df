"""`scoreboard events verify`: the invariants over the whole history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from cli.environment import read_database_settings
from cli.events.findings import print_findings, to_json
from cli.events.positions import OnlyBoardOption
from cli.output import FAILED, JsonOption, plain, print_json, print_line
from cli.progress import Advance, progress
from cli.signals import run_work
from scoreboard.domain.identifiers import BoardId
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from cli.events.signatures import Tally
    from scoreboard.ledger.audit import Audit
    from scoreboard.ledger.findings import Finding

TOKEN_SLICE_MB = 16


class Verified(Struct, frozen=True):
    """What was looked at, and what is wrong with it. `signatures` None: they were left out."""

    events: int
    totals: int
    signatures: int | None
    differences: list[Finding]
    missing_keys: dict[str, int]
    """Kids that the key file does not hold, and how many events they signed."""
    erased: int
    """Events without their token, since their user is erased."""


def verify(
    board: OnlyBoardOption = None,
    signatures: Annotated[
        bool, typer.Option(help="Verify every stored token by the key file as well.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Check that the history is whole and true; exit code 1 where anything is wrong.

    Every total is the sum of its events, their versions and scores follow one from another, no
    nonce was used twice, and every stored token was signed by a key that was valid then and says
    exactly what its event says. Events of the erased have no token any more, but an act that
    accounts for them. Changes nothing, and is exact while increments go on. Run it with the
    variables that the service has: SCOREBOARD_ISSUER, SCOREBOARD_NONCE_KEEP_S and the limits of
    tokens decide what was valid.

    \b
    Examples:
      scoreboard events verify
      scoreboard events verify --no-signatures
      scoreboard events verify --board season-1 --json
    """
    settings = read_database_settings()
    if signatures:
        from scoreboard.auth.keys import load_keys  # noqa: PLC0415 - quick --help

        load_keys(settings.keys_file)  # a key file that cannot be read is told before any work
    verified = run_work(_verify(settings, board, signatures=signatures))
    _show(verified, as_json=as_json)
    if verified.differences:
        raise typer.Exit(FAILED)


async def _verify(settings: Settings, board_id: BoardId | None, *, signatures: bool) -> Verified:
    from scoreboard.ledger.audit import open_audit  # noqa: PLC0415 - quick --help

    async with open_audit(settings.database_url, board_id, settings.nonce_keep_s) as audit:
        with progress("checking", 2 * audit.size_mb, "MB") as advance:
            audited = await audit.check(advance)
        tally = None
        if signatures:
            with progress("verifying", audited.events, "tokens") as advance:
                tally = await _judge(audit, settings, board_id, advance)
    return Verified(
        audited.events,
        audited.totals,
        tally.events if tally else None,
        [*audited.differences, *(tally.findings() if tally else ())],
        dict(tally.missing_keys.most_common()) if tally else {},
        audited.erased,
    )


async def _judge(
    audit: Audit, settings: Settings, board_id: BoardId | None, advance: Advance
) -> Tally:
    from cli.events.signatures import Tally, Work, work  # noqa: PLC0415 - quick --help
    from cli.events.workers import work_through  # noqa: PLC0415

    found = Tally()
    slices = await audit.read_slices(TOKEN_SLICE_MB)
    task = Work(settings, await audit.export_snapshot(), board_id)

    def take(tally: Tally) -> None:
        found.add(tally)
        advance(tally.events)

    await work_through(slices, work, task, take)
    return found


def _show(verified: Verified, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "events": verified.events,
                "totals": verified.totals,
                "signatures": verified.signatures,
                "erased": verified.erased,
                "differences": to_json(verified.differences),
                "missingKeys": [
                    {"kid": kid, "events": events} for kid, events in verified.missing_keys.items()
                ],
            }
        )
        return
    looked_at = f"{verified.events:,} events, {verified.totals:,} totals"
    if verified.signatures is not None:
        looked_at += f", {verified.signatures:,} tokens"
    if verified.erased:
        looked_at += f", {verified.erased:,} events of the erased"
    print_line(f"{looked_at}: {'something is wrong.' if verified.differences else 'all is well.'}")
    print_findings(verified.differences)
    for kid, events in verified.missing_keys.items():
        print_line(f"  key {plain(kid)}: {events:,}")
