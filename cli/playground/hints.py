"""Commands to copy: real values, and the `scoreboard` of this very environment."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from shlex import join, quote

from cli.playground.names import YOU
from cli.top import DEFAULT_URL
from scoreboard.settings import DEFAULT_KEYS_FILE

ROUND = 1000
PROGRAM_MAX = 22
"""A longer way to call the program would break the lines of a narrow terminal."""


def winning_delta(leader_score: int) -> int:
    """So many points that whoever earns them now is seen at the top."""
    return (max(0, leader_score) // ROUND + 1) * ROUND


def commands(url: str, keys_file: Path, delta: int) -> list[str]:
    """Lines for a shell in this folder."""
    program = _program()
    if len(program) > PROGRAM_MAX:
        lines = [f"alias scoreboard={quote(program)}"]
        program = "scoreboard"
    else:
        lines = []
    # Single quotes around JSON, left for each variable: shorter than escaping within double ones.
    body = f"""'{{"userId":"'$U'","delta":{delta},"actionToken":"'$ACTION_TOKEN'"}}'"""
    where = "" if url == DEFAULT_URL else f" --url {url}"
    lines += [
        f"curl -w '\\n' '{url}/scores/top?limit=3'",
        f"{program} top --watch{where}",
        f"U={YOU.user_id}",
        f'eval "$({program} token grant --user $U --delta {delta} --action win)"',
        f"B=$({program} token bearer --user $U --scope scores:write)",
        f'curl {url}/scores/increment -H "Authorization: Bearer $B" \\',
        "  -H \"X-Action-Nonce: $NONCE\" -H 'Content-Type: application/json' \\",
        f"  -w '\\n' -d {body}",
    ]
    if keys_file != DEFAULT_KEYS_FILE:
        lines.insert(0, f"export SCOREBOARD_KEYS_FILE={quote(str(keys_file))}")
    return lines


def _program() -> str:
    """How this program is called from here."""
    if shutil.which("scoreboard"):
        return "scoreboard"
    script = Path(sys.executable).with_name("scoreboard")
    if not script.is_file():
        return join([sys.executable, "-m", "cli.start"])
    here = Path.cwd()
    return quote(str(script.relative_to(here) if script.is_relative_to(here) else script))


def reachable(url: str) -> str:
    """The address that a client on this machine uses: a wildcard is none."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def friendly(url: str) -> str:
    """The same address as people write it."""
    return url.replace("//127.0.0.1:", "//localhost:")
