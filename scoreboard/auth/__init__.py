"""Who may do what: Bearer and action tokens, keys, scopes, policy."""

from __future__ import annotations
