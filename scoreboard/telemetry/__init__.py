"""Metrics and structured logs."""

from __future__ import annotations
