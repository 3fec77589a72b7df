"""Admission and group commit: concurrent requests become one batch."""

from __future__ import annotations
