"""Runs the conversations of tests/fixtures/realtime; their README.md says what they mean."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from scoreboard.client.conversation import Conversation
from scoreboard.client.errors import LiveEnded
from scoreboard.client.policy import Pause
from scoreboard.client.views import ViewState

FOLDER = Path(__file__).parents[1] / "fixtures" / "realtime"
FILES = sorted(FOLDER.glob("*.json"))
BEGIN_S = datetime.fromisoformat("2026-01-31T12:00:00Z").timestamp()
MEMBERS = {
    "me": ("user_id", "score", "rank", "of", "version"),
    "around": ("user_id", "entries", "of"),
    "users": ("entries",),
    "top": ("entries", "version", "epoch"),
}

Json = dict[str, Any]


def load(path: Path) -> Json:
    """One conversation."""
    found: Json = json.loads(path.read_text("utf-8"))
    return found


class Player:
    """A client whose surroundings do what a file says. `run` fails where it does otherwise."""

    def __init__(self, case: Json) -> None:
        self._case = case
        self._client = Conversation()
        self._now_s = BEGIN_S
        self._pause: Pause | None = None
        self._closed_s = BEGIN_S
        self._ended: Json | None = None
        self._is_attempting = False
        self._named: list[Json] = []
        tokens = case.get("tokens", ["none"])
        self._tokens: Iterator[str] = itertools.chain(tokens, itertools.repeat(tokens[-1]))
        self._actions: dict[str, Callable[[Any], None]] = {
            "connect": self._connect,
            "refuse": self._refuse,
            "receive": self._receive,
            "close": self._close,
            "clock": self._pass_time,
            "show": self._show,
            "hide": self._hide,
        }

    def run(self) -> None:
        """From the first step to the last."""
        for view in self._case["views"]:
            self._show(view)
        for step in self._case["steps"]:
            ((action, argument),) = [(name, step[name]) for name in self._actions if name in step]
            try:
                self._actions[action](argument)
                self._look_after()
            except LiveEnded as ended:
                self._ended = _reason(ended)
            self._check(step, is_connect=action == "connect")

    def _connect(self, _: Json) -> None:
        self._attempt()
        board, views = self._client.name_views()
        self._named = [{"type": "subscribe", "view": view, "board": board} for view in views]
        self._client.opened(self._now_s)
        self._is_attempting, self._pause = False, None

    def _refuse(self, refusal: Json) -> None:
        self._attempt()
        self._pause = self._client.refused(refusal["status"], refusal.get("retryAfter", 0))
        self._closed_s, self._is_attempting = self._now_s, False

    def _receive(self, frame: Json) -> None:
        self._client.received(json.dumps(frame).encode(), self._now_s)

    def _close(self, code: int | None) -> None:
        self._pause = self._client.closed(code, self._now_s)
        self._closed_s = self._now_s

    def _pass_time(self, ms: int) -> None:
        self._now_s += ms / 1000
        if self._ended is None and self._client.is_silent(self._now_s):
            self._close(None)
        elif self._pause and self._now_s >= self._closed_s + self._pause.longest_s:
            self._attempt()

    def _show(self, view: Json) -> None:
        self._client.show(view["view"], view.get("board", "main"), view.get("users", ()))

    def _hide(self, view: Json) -> None:
        self._client.hide(view["view"], view.get("board", "main"))

    def _attempt(self) -> None:
        """The beginning of a connection, at which a token may be needed."""
        if not self._is_attempting:
            self._is_attempting = True
            self._bring_token()

    def _look_after(self) -> None:
        if self._client.is_open:
            self._bring_token()
            self._client.tick(self._now_s)

    def _bring_token(self) -> None:
        if self._client.wants_token(self._now_s):
            self._client.give_token(next(self._tokens), self._now_s)

    def _check(self, step: Json, *, is_connect: bool) -> None:
        sent = self._named + [json.loads(text) for text in self._client.take_frames()]
        self._named = []
        _compare_sent(sent, step.get("sent", []), is_connect=is_connect)
        shown = {f"{each.board}/{each.view}": _project(each) for each in self._client.states}
        for key, expected in step.get("state", {}).items():
            assert _without_order(key, shown[key]) == _without_order(key, expected), step
        if "stale" in step:
            assert self._client.is_stale == step["stale"], step
        connection = self._connection()
        for key, expected in step.get("connection", {}).items():
            assert connection.get(key) == expected, (connection, step)

    def _connection(self) -> Json:
        if self._ended is not None:
            return {"is": "ended", **self._ended}
        if self._client.is_open:
            return {"is": "open"}
        pause = self._pause or Pause(0.0, 0.0)
        within = [round(pause.shortest_s * 1000), round(pause.longest_s * 1000)]
        return {"is": "waiting", "withinMs": within}


def _reason(ended: LiveEnded) -> Json:
    if ended.close_code is not None:
        return {"code": ended.close_code}
    return {"error": ended.code} if ended.status is None else {"status": ended.status}


def _compare_sent(sent: list[Json], expected: list[Json], *, is_connect: bool) -> None:
    if not is_connect:
        assert list(map(_plain, sent)) == list(map(_plain, expected))
        return
    assert sorted(map(_plain, sent)) == sorted(map(_plain, expected))
    kinds = [_needs_token(each) for each in sent if each["type"] == "subscribe"]
    if any(kinds):
        types = [each["type"] if not _needs_token(each) else "own" for each in sent]
        assert types.index("authenticate") < types.index("own")


def _needs_token(frame: Json) -> bool:
    view = frame.get("view", "")
    return bool(view == "me" or view.startswith("around:"))


def _plain(frame: Json) -> str:
    given = {key: value for key, value in frame.items() if value is not None}
    if given["type"] != "authenticate":
        given.setdefault("board", "main")
    return json.dumps(given, sort_keys=True)


def _project(state: ViewState) -> Json | None:
    if not state.is_known:
        return None
    kind = state.view.partition(":")[0]
    names = dict(zip(MEMBERS[kind], map(_camel, MEMBERS[kind]), strict=True))
    return {
        shown: json.loads(msgspec.json.encode(getattr(state.shown, name)))
        for name, shown in names.items()
    }


def _camel(name: str) -> str:
    return "userId" if name == "user_id" else name


def _without_order(key: str, state: Json | None) -> Json | None:
    if state is None or not key.endswith("/users"):
        return state
    return {"entries": sorted(state["entries"], key=lambda entry: str(entry["userId"]))}
