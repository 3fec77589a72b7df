"""The page at /docs, made from the OpenAPI and the AsyncAPI document."""

from __future__ import annotations
