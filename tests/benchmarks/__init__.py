"""What the benchmarks are made of: counted as it should be, over real servers."""

from __future__ import annotations
