"""Measurements: ratios from one run, never timed tests."""

from __future__ import annotations
