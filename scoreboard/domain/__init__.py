"""Values and rules without I/O, clock or await."""

from __future__ import annotations
