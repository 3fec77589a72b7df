"""`serve --workers N`: processes on one port, and the one that keeps them."""

from __future__ import annotations
