"""One question, asked of the fastest store that can answer it truly."""

from __future__ import annotations
