"""Publish and subscribe between instances, and to other services."""

from __future__ import annotations
