"""Tests of the room `standings`."""

from __future__ import annotations
