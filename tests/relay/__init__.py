"""Tests of the room `relay`."""

from __future__ import annotations
