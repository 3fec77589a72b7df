"""Frames of a service with one user, as tests send and expect them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.client.scripted import Json

USER = "00000000-0000-4000-8000-00000000000a"


def snapshot(version: int, *, view: str = "top:10") -> Json:
    """A list whose one score is the version."""
    return {
        "type": "snapshot",
        "view": view,
        "board": "main",
        "epoch": "e",
        "version": version,
        "entries": [{"userId": USER, "score": version, "rank": 1}],
        "generatedAt": "2026-01-31T12:00:00.000000Z",
    }


def delta(version: int, base: int) -> Json:
    """The same score goes up."""
    changed = [{"userId": USER, "score": version, "rank": 1, "position": 1}]
    head = {"type": "delta", "view": "top:10", "board": "main", "epoch": "e"}
    return {**head, "version": version, "base": base, "changed": changed, "removed": []}


def subscribe(view: str = "top:10", **more: object) -> Json:
    """What the client says for a view."""
    return {"type": "subscribe", "view": view, **more}


def me(score: int) -> Json:
    """One's own place."""
    return {
        "type": "me",
        "board": "main",
        "userId": USER,
        "score": score,
        "rank": 1,
        "of": 1,
        "version": score,
    }


def authenticated(life_s: float) -> Json:
    """The token is good for so long."""
    expires = datetime.now(UTC) + timedelta(seconds=life_s)
    at = expires.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"type": "authenticated", "userId": USER, "expiresAt": at}
