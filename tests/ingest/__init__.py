"""Tests of the room `ingest`."""

from __future__ import annotations
