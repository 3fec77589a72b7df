"""The client, against scripts, against the server's own rules, and against running instances."""

from __future__ import annotations
