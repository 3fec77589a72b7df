"""Tests of scoreboard.reads."""

from __future__ import annotations
