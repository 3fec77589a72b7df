"""How `scoreboard dev` shows itself: on a terminal, in plain lines, or as JSON for a script."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.live import follow, view_of
from cli.output import print_json, print_line
from cli.playground.names import naming
from cli.playground.players import Tally
from cli.screen import TopList, draw
from scoreboard.domain.identifiers import MAIN_BOARD

TOP = 10
REPORT_S = 5.0
REFUSALS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What is running. `addresses` is what scripts are told; `commands` are lines to copy."""

    url: str
    players: int
    addresses: dict[str, str]
    commands: Sequence[str]
    tally: Tally


class Presentation(Protocol):
    """One way to show a scene."""

    def say(self, text: str) -> None:
        """Tells people, and only people, what is going on."""
        ...

    async def run(self, scene: Scene) -> None:
        """Shows the scene until cancelled."""
        ...


class ForScripts:
    """One line of JSON, once everything is ready."""

    def say(self, text: str) -> None:
        """Scripts are told nothing else."""

    async def run(self, scene: Scene) -> None:
        """Prints the line and waits."""
        print_json(scene.addresses)
        await asyncio.Event().wait()


class InPlainLines:
    """For pipes and log files: a line every few seconds."""

    def say(self, text: str) -> None:
        """Prints a line."""
        print_line(text)

    async def run(self, scene: Scene) -> None:
        """Prints the commands, then the state of affairs every few seconds."""
        print_line(
            f"Serving {scene.url} with {scene.players} players: open it and play along. Or try:"
        )
        for line in scene.commands:
            print_line(f"  {line}")
        top = TopList(TOP, naming(scene.players))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_follow(scene.url, top))
            while True:
                await asyncio.sleep(REPORT_S)
                leader = f"; leads: {top.describe_leader()}" if top.entries else ""
                print_line(describe(scene.tally) + leader)


class OnTerminal:
    """The live top ten."""

    def say(self, text: str) -> None:
        """Prints a line above the board."""
        print_line(text)

    async def run(self, scene: Scene) -> None:
        """Redraws the board as it changes."""
        top = TopList(TOP, naming(scene.players))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_follow(scene.url, top))
            tasks.create_task(draw(Board(scene, top)))


class Board:
    """23 lines, so that it fits a terminal of 24."""

    def __init__(self, scene: Scene, top: TopList) -> None:
        self._scene = scene
        self._top = top

    def __rich__(self) -> RenderableType:
        """Address, list, tally and commands, from top to bottom."""
        scene = self._scene
        title = Table.grid(expand=True)
        title.add_column()
        title.add_column(justify="right")
        crowd = f"{scene.players} players · Ctrl-C stops"
        title.add_row(
            Text.assemble(("scoreboard ", "bold"), (scene.url, "cyan")), Text(crowd, "dim")
        )
        commands = Text("\n".join(scene.commands), overflow="fold")
        heading = Text(
            "Open the page and play along, or try in another terminal, in this folder:", "dim"
        )
        return Group(title, Text(), self._top, Text(describe(scene.tally)), heading, commands)


def choose_presentation(*, as_json: bool, is_terminal: bool) -> Presentation:
    """The one that suits whoever reads stdout."""
    if as_json:
        return ForScripts()
    return OnTerminal() if is_terminal else InPlainLines()


def describe(tally: Tally) -> str:
    """`1,234 increments · 39.8/s`, and what was refused if anything was."""
    text = f"{tally.applied:,} increments · {tally.per_second():.1f}/s"
    refused = ", ".join(
        f"{count:,} {code}" for code, count in tally.refused.most_common(REFUSALS_SHOWN)
    )
    return f"{text} · refused: {refused}" if refused else text


async def _follow(url: str, top: TopList) -> None:
    async with aiohttp.ClientSession() as session:
        await follow(session, url, MAIN_BOARD, view_of(TOP), top.show, top.interrupt)
