"""Frames of every type with any members, as tests draw them."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from scoreboard.domain import frames
from scoreboard.domain.frames import AROUND_VIEWS, TOP_VIEWS, USERS_MAX
from scoreboard.domain.standings import Entry, PlacedEntry
from scoreboard.gateway.codes import CloseCode

STRUCTS: dict[str, type[msgspec.Struct]] = {
    str(each.__struct_config__.tag): each
    for _, each in inspect.getmembers(frames, inspect.isclass)
    if issubclass(each, msgspec.Struct) and each.__struct_config__.tag is not None
}


def is_clients(struct: type[msgspec.Struct]) -> bool:
    """Whether clients send it: only what they say is read strictly."""
    return struct.__struct_config__.forbid_unknown_fields


USER_IDS = st.uuids().map(str)
SCORES = st.integers(-(2**53) + 1, 2**53 - 1)
RANKS = st.integers(1, 2**40)
COUNTS = st.integers(0, 2**53)
TEXTS = st.text('aé"\\ \n')
EPOCHS = st.text("0123456789abcdef", min_size=12, max_size=12)
ENTRIES = st.builds(Entry, USER_IDS, SCORES, RANKS)
PLACED = st.builds(PlacedEntry, USER_IDS, SCORES, RANKS, st.integers(1, 50))
TIMES = st.datetimes().map(lambda at: f"{at:%FT%T}.{at.microsecond:06}Z".rjust(27, "0"))
TOPS = st.sampled_from(list(TOP_VIEWS))
VIEWS = st.sampled_from([*TOP_VIEWS, *AROUND_VIEWS, frames.ME, frames.USERS])
OF_ANY: dict[str, st.SearchStrategy[Any]] = {
    "view": TOPS,
    "board": st.text("abz09_-", max_size=63).map("m".__add__),
    "epoch": EPOCHS,
    "version": COUNTS,
    "base": COUNTS,
    "entries": st.lists(ENTRIES, max_size=10).map(tuple),
    "changed": st.lists(PLACED, max_size=10).map(tuple),
    "removed": st.lists(USER_IDS, max_size=10, unique=True).map(tuple),
    "generated_at": TIMES,
    "expires_at": TIMES,
    "reset": st.booleans(),
    "user_id": USER_IDS,
    "score": st.none() | SCORES,
    "rank": st.none() | RANKS,
    "of": COUNTS,
    "stale": st.booleans(),
    "code": st.sampled_from(["not_found", "invalid_payload"]),
    "request_id": st.none() | TEXTS,
    "reconnect_in_ms": st.tuples(COUNTS, COUNTS),
    "users": st.none() | st.lists(USER_IDS.map(str.upper), max_size=USERS_MAX).map(tuple),
    "token": st.text("aZ9.-_", min_size=1, max_size=2048),
}
OF_ONE: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("around", "view"): st.sampled_from(list(AROUND_VIEWS)),
    ("users", "view"): st.just(frames.USERS),
    ("error", "view"): st.none() | TEXTS,
    ("subscribe", "view"): VIEWS,
    ("unsubscribe", "view"): VIEWS,
    ("subscribe", "epoch"): st.none() | EPOCHS,
    ("subscribe", "version"): st.none() | COUNTS,
    ("me", "version"): st.none() | COUNTS,
    ("bye", "code"): st.sampled_from([code for code in CloseCode if code < 4500]).map(int),
}


@st.composite
def any_frame(draw: st.DrawFn, tags: Sequence[str] = tuple(STRUCTS)) -> msgspec.Struct:
    """A frame of any of these types, with any members that it may have."""
    tag = draw(st.sampled_from(tags))
    struct = STRUCTS[tag]
    names = [each.name for each in msgspec.structs.fields(struct)]
    return struct(**{name: draw(OF_ONE.get((tag, name), OF_ANY[name])) for name in names})
