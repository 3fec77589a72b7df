"""Acts of moderation: allowed, applied, shown, and recorded whatever becomes of them."""

from __future__ import annotations
