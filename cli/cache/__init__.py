"""`scoreboard cache`: the rank index in Redis, rebuilt from the ledger and compared with it."""

from __future__ import annotations
