"""Migrations, functions and queries, shipped with the package."""

from __future__ import annotations
