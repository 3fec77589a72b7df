"""The commands, run as users run them."""

from __future__ import annotations
