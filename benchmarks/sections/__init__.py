"""Each module measures one thing: `run` takes its samples, then adds the lines of the table."""

from __future__ import annotations
