"""`scoreboard token`: sign tokens with the key file, and look into them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import (
    DEFAULT_BOARD,
    ActionOption,
    BoardOption,
    SubjectOption,
    UserOption,
)
from cli.environment import read_key_settings
from cli.output import FAILED, CommandFailed, JsonOption, print_json, print_line, print_members
from scoreboard.domain.claims import Scope
from scoreboard.domain.identifiers import parse_user_id
from scoreboard.domain.increments import MAX_SCORE

BEARER_LIFE_MAX_S = 86_400
TOKEN_MAX_CHARACTERS = 65_536
STDIN = "-"

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tokens, signed with the key file that $SCOREBOARD_KEYS_FILE names.",
)


@app.command()
def grant(
    user: UserOption,
    delta: Annotated[int, typer.Option(help="What it adds to the score.")],
    action: ActionOption,
    board: BoardOption = DEFAULT_BOARD,
    life: Annotated[
        int | None, typer.Option(min=1, help="Life in seconds.  [default: the service's, 60]")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign an action token: worth its delta once, before it expires.

    Without --json it prints assignments that a shell can `eval`.

    \b
    Examples:
      scoreboard token grant --user $U --delta 25 --action win --json
      eval "$(scoreboard token grant --user $U --delta 25 --action win)"
    """
    from scoreboard.auth.issue import TokenIssuer  # noqa: PLC0415 - keeps --help quick
    from scoreboard.auth.keys import load_keys  # noqa: PLC0415
    from scoreboard.domain.times import from_unix_us, iso_utc  # noqa: PLC0415

    settings = read_key_settings()
    life_s = life or settings.grant_life_s
    if not 1 <= abs(delta) <= MAX_SCORE:
        raise typer.BadParameter(f"--delta must be ±1 to ±{MAX_SCORE}.")
    if life_s > settings.action_life_max_s:
        raise typer.BadParameter(f"--life may be {settings.action_life_max_s} at most.")
    granted = TokenIssuer(load_keys(settings.keys_file), settings.issuer).grant_action(
        user_id=user, board_id=board, delta=delta, act=action, life_s=life_s, now_s=time.time()
    )
    expires_at = iso_utc(from_unix_us(granted.expires_at_s * 1_000_000))
    if as_json:
        print_json({"actionToken": granted.token, "nonce": granted.nonce, "expiresAt": expires_at})
        return
    print_line(f"ACTION_TOKEN={granted.token}\nNONCE={granted.nonce}\nEXPIRES_AT={expires_at}")


@app.command()
def bearer(
    user: SubjectOption,
    scope: Annotated[list[Scope], typer.Option(help="What it allows; may be repeated.")],
    life: Annotated[int, typer.Option(min=1, max=BEARER_LIFE_MAX_S, help="Life in seconds.")] = 900,
    as_json: JsonOption = False,
) -> None:
    """Sign a Bearer token and print it, and nothing else.

    \b
    Examples:
      B=$(scoreboard token bearer --user $U --scope scores:write)
      scoreboard token bearer --user arena-1 --scope actions:grant --json
    """
    from scoreboard.auth.issue import TokenIssuer  # noqa: PLC0415 - keeps --help quick
    from scoreboard.auth.keys import load_keys  # noqa: PLC0415

    if Scope.WRITE in scope and parse_user_id(user) is None:
        raise typer.BadParameter(f"--user must be a UUID where --scope is {Scope.WRITE}.")
    settings = read_key_settings()
    token = TokenIssuer(load_keys(settings.keys_file), settings.issuer).issue_bearer(
        subject=user, scopes=scope, life_s=life, now_s=time.time()
    )
    if as_json:
        print_json({"token": token})
        return
    print_line(token)


@app.command()
def inspect(
    source: Annotated[
        str, typer.Argument(metavar="[-]", help="`-`: read the token from stdin, as without it.")
    ] = STDIN,
    file: Annotated[Path | None, typer.Option(help="Read the token from this file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show header, claims, signature and expiry; exit code 1 unless it would be accepted now.

    The token is never an argument: arguments are visible to every user of the machine.

    \b
    Examples:
      scoreboard token bearer --user $U --scope scores:write | scoreboard token inspect
      scoreboard token inspect --file token.txt --json
    """
    from cli.inspection import inspect_token  # noqa: PLC0415 - keeps --help quick
    from scoreboard.auth.keys import load_keys  # noqa: PLC0415

    if source != STDIN:
        raise typer.BadParameter("a token is read from stdin or --file, never from an argument.")
    settings = read_key_settings()
    found = inspect_token(_read(file), load_keys(settings.keys_file), settings, time.time())
    if as_json:
        print_json(found.to_json())
    else:
        print_members("header", found.header)
        print_members("claims", found.claims)
        print_line(f"class      {found.token_class or 'neither bearer nor action'}")
        print_line(
            f"signature  {'true' if found.is_signature_true else 'not true, or key unknown'}"
        )
        print_line(f"expires    {found.expires_at or 'at no readable time'}")
        print_line(f"accepted   {'yes' if found.is_accepted else f'no: {found.reason}'}")
    if not found.is_accepted:
        raise typer.Exit(FAILED)


def _read(file: Path | None) -> str:
    try:
        stream = sys.stdin if file is None else file.open(encoding="utf-8")
        with stream:
            return stream.read(TOKEN_MAX_CHARACTERS).strip()
    except OSError as error:
        raise CommandFailed(f"The file {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandFailed("This is no token: it is not text.") from error
