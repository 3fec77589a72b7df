"""WebSocket and SSE over one hub; knows views and frames, not SQL."""

from __future__ import annotations
