"""Live boards as commands show them: why there is no connection, in sentences."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp

from cli.output import CommandFailed
from scoreboard.client import Interruption, LiveBoard, LiveEnded, LiveState, NotAScoreboard
from scoreboard.domain.frames import TOP_VIEWS

PAUSE_MAX_S = 5.0
"""Somebody sits before the screen: it comes back sooner than programs need to."""

REASONS = {
    "closed": "has ended the connection",
    "silent": "has fallen silent",
    "unreachable": "cannot be reached",
}


def view_of(limit: int) -> str:
    """The smallest view that has `limit` entries."""
    return next(view for view, size in TOP_VIEWS.items() if limit <= size)


async def follow(
    session: aiohttp.ClientSession,
    base_url: str,
    board: str,
    view: str,
    on_state: Callable[[LiveState], object],
    on_interruption: Callable[[str, float], object],
) -> None:
    """Shows every change of a view to `on_state`, and what it is once the connection is back.

    Until cancelled. `on_interruption` is told why there is no connection, and after how many
    seconds the next is tried. Raises CommandFailed where that would be of no use.
    """

    def interrupt(interruption: Interruption) -> None:
        on_interruption(describe(base_url, interruption), interruption.pause_s)

    live = LiveBoard(base_url, view, board=board, session=session, pause_max_s=PAUSE_MAX_S)
    try:
        await live.run(on_state, interrupt)
    except LiveEnded as ended:
        raise CommandFailed(_ending(base_url, ended)) from ended
    except NotAScoreboard as error:
        raise CommandFailed(f"{base_url} is no scoreboard: it sends no JSON.") from error


def describe(base_url: str, interruption: Interruption) -> str:
    """Half a sentence that says why there is no connection."""
    if interruption.reason == "refused":
        return f"{base_url} refuses connections with {interruption.status}"
    return f"{base_url} {REASONS[interruption.reason]}"


def _ending(base_url: str, ended: LiveEnded) -> str:
    if ended.status is not None:
        return f"{base_url} shows no such board: it answered {ended.status}."
    if ended.close_code is not None:
        return f"The service ended the connection for good, with code {ended.close_code}."
    return f"{base_url} shows no such board: it answered {ended.code}."
