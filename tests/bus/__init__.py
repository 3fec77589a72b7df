"""The bus against real servers, with real outages between."""

from __future__ import annotations
