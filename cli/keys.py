"""`scoreboard keys`: the key file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.environment import read_key_settings
from cli.output import JsonOption, print_json, print_line, print_table

if TYPE_CHECKING:
    from scoreboard.auth.keys import Key

FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="The key file.  [default: $SCOREBOARD_KEYS_FILE]"),
]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The keys that tokens are signed with. Secrets never leave the file.",
)


@app.command()
def generate(
    profile: Annotated[
        Literal["hs256", "ed25519"],
        typer.Option(help="ed25519: instances can verify without being able to mint."),
    ] = "hs256",
    file: FileOption = None,
    add: Annotated[
        bool, typer.Option("--add", help="Append to the file; the new keys sign from now on.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a new key for each token class, readable by its owner alone (0600).

    A file that is there already is never overwritten.

    \b
    Examples:
      scoreboard keys generate
      scoreboard keys generate --profile ed25519 --file /etc/scoreboard/keys.json
      scoreboard keys generate --add
    """
    from scoreboard.auth.keys import add_keys, generate_keys, write_keys  # noqa: PLC0415 - quick

    path = file or read_key_settings().keys_file
    keys = generate_keys(profile)
    if add:
        add_keys(path, keys)
    else:
        write_keys(path, keys)
    if as_json:
        print_json({"file": str(path), "keys": [_describe(key) for key in keys]})
        return
    print_line(f"wrote {', '.join(key.kid for key in keys)} to {path}")


@app.command("list")
def list_keys(file: FileOption = None, as_json: JsonOption = False) -> None:
    """Show the keys, oldest first; of each class the newest that can sign does.

    \b
    Examples:
      scoreboard keys list
      scoreboard keys list --file /etc/scoreboard/keys.json --json
    """
    from scoreboard.auth.keys import load_keys  # noqa: PLC0415 - keeps --help quick

    ring = load_keys(file or read_key_settings().keys_file)
    described = [_describe(key) for key in ring]
    if as_json:
        print_json({"keys": described})
        return
    columns = ("kid", "class", "algorithm", "state")
    print_table(columns, [[each[name] for name in columns] for each in described])


def _describe(key: Key) -> dict[str, str]:
    return {
        "kid": key.kid,
        "class": str(key.token_class),
        "algorithm": key.algorithm,
        "state": _state(key, time.time()),
    }


def _state(key: Key, now_s: float) -> str:
    """`signs`, `verifies` (only), `waits` for its validity, or is `over`."""
    if key.not_before_s is not None and now_s < key.not_before_s:
        return "waits"
    if not key.serves(now_s):
        return "over"
    return "signs" if key.can_sign else "verifies"
