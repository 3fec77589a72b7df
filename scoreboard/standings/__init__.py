"""Redis, rebuildable at any moment: versioned rank index and rate limits."""

from __future__ import annotations
