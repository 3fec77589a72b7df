"""PostgreSQL, the only truth: migrations, the batch write, reads, outbox, leases."""

from __future__ import annotations
