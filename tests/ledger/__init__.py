"""Tests of the room `ledger`."""

from __future__ import annotations
