"""The single publisher of the cluster: outbox to bus, views to gateways."""

from __future__ import annotations
