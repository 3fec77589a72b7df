"""Screens: a process of WebSockets beside this one, and what the frames say that came to them."""

from __future__ import annotations

import math
import re
import time
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from benchmarks.beside import Beside
from benchmarks.watching import Arrivals, Plan, watch

QUIET_S = 0.5

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n{headers}\r\n"
)
TOP = "/ws?view=top:10"

_VERSION = re.compile(rb'"version":(\d+)')


def handshake(path: str = TOP, headers: str = "") -> bytes:
    """Asks for an upgrade; `headers` are further lines, each with its line end."""
    return HANDSHAKE.format(path=path, headers=headers).encode()


class Screens(Beside[Arrivals]):
    """WebSockets that note what comes; inside the block each has been upgraded."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(watch, plan)

    def collect_rest(self, arrivals: Arrivals, quiet_s: float = QUIET_S) -> None:
        """Adds what comes until nothing has come for so long; `busy` stays as it is."""
        while True:
            time.sleep(quiet_s)
            found = self.collect()
            arrivals.add(found)
            if not found.frames:
                return


class _Line(msgspec.Struct, rename="camel"):
    """An entry as far as it is looked at."""

    user_id: str
    score: int


class _Shown(msgspec.Struct):
    """A snapshot or a delta."""

    entries: list[_Line] = []
    changed: list[_Line] = []


_decode = msgspec.json.Decoder(_Shown).decode


def by_version(arrivals: Arrivals) -> dict[int, list[float]]:
    """When a frame of each version came, whatever it was made from."""
    found: dict[int, list[float]] = defaultdict(list)
    for frame, times in arrivals.by_frame.items():
        version = _VERSION.search(frame)
        if version is not None:
            found[int(version[1])] += times
    return found


def delays_s(arrivals: Arrivals, dues_s: Mapping[int, float], sockets: int) -> array[float]:
    """How long each of so many sockets waited for each version, from when it was due (Unix s).

    Whoever was skipped waited for a later one: until the last socket had that. Infinitely long
    where none came.
    """
    found = array("d")
    shown = by_version(arrivals)
    later_s = math.inf
    for version in sorted(dues_s, reverse=True):
        times, due_s = shown.get(version, []), dues_s[version]
        found.extend(at_s - due_s for at_s in times)
        found.extend([later_s - due_s] * (sockets - len(times)))
        later_s = min(later_s, max(times, default=math.inf))
    return found


def commit_to_screen_s(
    arrivals: Arrivals, user: str, commits: Sequence[tuple[int, datetime]]
) -> list[float]:
    """How long it took, for every screen that a committed score of the user came to.

    `commits` are (score, time) of his events, growing. A frame shows all up to its own score, and
    a delta that does not name him shows nothing of his.
    """
    shown = iter(sorted(_by_score(arrivals, user).items()))
    found: list[float] = []
    score, times = next(shown, (-1, []))
    for committed, at in commits:
        while score < committed:
            score, times = next(shown, (committed, []))
        found += [arrival - at.timestamp() for arrival in times]
    return found


def _by_score(arrivals: Arrivals, user: str) -> dict[int, list[float]]:
    found: dict[int, list[float]] = defaultdict(list)
    for frame, times in arrivals.by_frame.items():
        shown = _decode(frame)
        score = _score_of(user, [*shown.entries, *shown.changed])
        if score is not None:
            found[score] += times
    return found


def _score_of(user: str, lines: Iterable[_Line]) -> int | None:
    return next((each.score for each in lines if each.user_id == user), None)
