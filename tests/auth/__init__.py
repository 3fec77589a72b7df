"""Tokens, keys and policy."""

from __future__ import annotations
