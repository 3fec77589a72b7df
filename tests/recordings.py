"""The pictures of docs/images, made from real runs: `python -m tests.recordings`.

A private scoreboard with simulated players is started, commands run on a terminal of their own, and
what stands on its screen is drawn as SVG.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.checker import connect
from tests.cli.program import read_json, run_apart, started
from tests.cli.terminal import Terminal, on_terminal

FOLDER = Path(__file__).parent.parent / "docs" / "images"
PROJECT = Path("/tmp/game")  # noqa: S108 - the name that pictures show
INSTANCE = {
    "SCOREBOARD_INSTANCE_ID": "game-1",
    # The program as it is called where it is installed, without this folder's name.
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
}


@dataclass(frozen=True)
class Scene:
    """A command, and when its screen is worth a picture; None: when it has ended."""

    name: str
    words: tuple[str, ...]
    until: Callable[[str], bool] | None
    size: tuple[int, int] = (80, 24)
    is_kept: bool = True

    @property
    def title(self) -> str:
        """The command without its options."""
        words = takewhile(lambda word: not word.startswith("-"), self.words)
        return " ".join(("scoreboard", *words))


def is_half_done(screen: str) -> bool:
    """Whether a bar is about in its middle."""
    counted = re.search(r"([\d,]+) of ([\d,]+) ", screen)
    if counted is None:
        return False
    done, total = (int(each.replace(",", "")) for each in counted.groups())
    return done > total / 2


BOARD = ("--board", "loadtest")
SEASON = ("--board", "season-1")
LOAD = ("--duration", "15s", "--rate", "250", "--users", "200", "--watchers", "20")

SCENES = (
    Scene("doctor", ("doctor",), None, (80, 60)),
    Scene("boards", ("boards", "create", "loadtest", "--if-absent"), None, is_kept=False),
    Scene("loadtest", ("loadtest", *LOAD, *BOARD), lambda text: "12 s, " in text, (80, 30)),
)
REBUILD = Scene("rebuild", ("cache", "rebuild", "--all"), is_half_done)

# Whoever watches a rebuild has more users than a playground.
CROWD = """
    WITH board AS (INSERT INTO boards (board_id) VALUES ('season-1') RETURNING board_id)
    INSERT INTO user_scores (board_id, user_id, score, version, reached, updated_at)
    SELECT board_id, gen_random_uuid(), n % 100000, 1, n, now()
    FROM board, generate_series(1, 1000000) AS n"""


def main() -> None:
    """Draws every scene anew."""
    FOLDER.mkdir(exist_ok=True)
    with _project() as folder:
        with on_terminal("dev", cwd=folder, env=INSTANCE, size=(80, 25)) as playground:
            playground.read_until(lambda text: re.search(r"\d{3} increments", text) is not None)
            _write("dev", "scoreboard dev", playground)
            playground.process.terminate()
            playground.read_to_end()
        # Not on a terminal: whoever does not read from one brings to a halt what writes to it.
        with started("dev", "--json", cwd=folder, env=INSTANCE) as service:
            read_json(service)
            env = _environment(folder / ".scoreboard" / "environment.sh")
            for scene in SCENES:
                _record(scene, folder, env)
            asyncio.run(_gather_crowd(env["SCOREBOARD_DATABASE_URL"]))
            # The service itself fills the ranks of a board that has none.
            while run_apart("cache", "verify", *SEASON, cwd=folder, env=env).code:
                pass
            _record(REBUILD, folder, env)


@contextmanager
def _project() -> Iterator[Path]:
    """A new folder of a telling name, for as long as pictures are taken."""
    PROJECT.mkdir()
    try:
        yield PROJECT
    finally:
        shutil.rmtree(PROJECT, ignore_errors=True)


def _record(scene: Scene, folder: Path, env: dict[str, str]) -> None:
    with on_terminal(*scene.words, cwd=folder, env=env, size=scene.size) as shown:
        if scene.until is None:
            shown.read_to_end()
        else:
            shown.read_until(scene.until)
        if scene.is_kept:
            _write(scene.name, scene.title, shown)


def _environment(path: Path) -> dict[str, str]:
    """What a shell would export that reads the file."""
    words = [shlex.split(line)[1] for line in path.read_text("utf-8").splitlines()]
    return dict(word.split("=", 1) for word in words)


async def _gather_crowd(database_url: str) -> None:
    async with connect(database_url) as owner:
        await owner.execute(CROWD)
        await owner.execute("ANALYZE user_scores")


def _write(name: str, title: str, terminal: Terminal) -> None:
    path = FOLDER / f"{name}.svg"
    path.write_text(draw(terminal, title), "utf-8")
    print(path.name)  # noqa: T201 - a tool of the terminal


def draw(terminal: Terminal, title: str) -> str:
    """The screen as an SVG, without the blank rows below."""
    screen = terminal.screen
    lines = [_line(screen.buffer[row], screen.columns) for row in range(screen.lines)]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(
        record=True,
        width=screen.columns,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop")
    console.print()  # the frame would cut the underscores of the last row
    return console.export_svg(title=title, theme=MONOKAI, unique_id="screen")


def _line(cells: Any, columns: int) -> Text:  # noqa: ANN401 - pyte has no types
    text = Text()
    for style, run in groupby((cells[column] for column in range(columns)), _style):
        text.append("".join(cell.data for cell in run), style)
    text.rstrip()
    return text


def _style(cell: Any) -> Style:  # noqa: ANN401 - pyte has no types
    return Style(color=_colour(cell.fg), bgcolor=_colour(cell.bg), bold=cell.bold)


def _colour(name: str) -> str | None:
    """A colour as Rich spells it."""
    if name == "default":
        return None
    if len(name) == 6 and all(letter in "0123456789abcdef" for letter in name):
        return f"#{name}"
    name = name.replace("brown", "yellow")
    return name.replace("bright", "bright_")


if __name__ == "__main__":
    main()
