"""Tests of the room `telemetry`."""

from __future__ import annotations
