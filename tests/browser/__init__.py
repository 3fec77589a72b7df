"""The pages in a real Chromium, against real instances."""

from __future__ import annotations
