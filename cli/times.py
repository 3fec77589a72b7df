"""Moments as options name them."""

from __future__ import annotations

from datetime import datetime

import typer


def read_time(text: str) -> datetime:
    """A time with its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("it must be a time such as 2026-01-31T12:00:00Z.") from None
    if at.tzinfo is None:
        raise typer.BadParameter(f"a time needs its zone, such as {at.isoformat()}Z.")
    return at
