"""aiohttp REST: parse, call one thing, render."""

from __future__ import annotations
