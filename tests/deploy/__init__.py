"""The image, the composition and the balancer's configuration."""

from __future__ import annotations
