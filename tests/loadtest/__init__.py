"""The load test's parts: what it sends, when, and what it makes of the answers."""

from __future__ import annotations
