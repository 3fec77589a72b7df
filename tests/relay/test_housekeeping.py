"""What the leader reports about the outbox."""

from __future__ import annotations

import asyncio

from scoreboard.ledger.nonces import NoncePurge
from scoreboard.ledger.outbox import Outbox
from scoreboard.relay.housekeeping import Housekeeper
from scoreboard.stores import open_stores
from scoreboard.telemetry.metrics import Metrics
from tests.checker import connect, until
from tests.harness import Backends


async def test_who_leads_no_longer_reports_no_outbox(backends: Backends) -> None:
    settings, metrics = backends.settings(maintenance_s=0.01), Metrics()
    async with connect(backends.database_url) as connection:
        await connection.execute("INSERT INTO outbox (event_ids) VALUES (ARRAY[1, 2]::bigint[])")

    async def reports(line: str) -> bool:
        return f"\n{line}\n" in metrics.render().decode()

    async with open_stores(settings, metrics) as stores:
        purge = NoncePurge(stores.database, settings.nonce_keep_s)
        keeper = Housekeeper(Outbox(stores.database), purge, metrics, settings)
        leading = asyncio.create_task(keeper.run())
        await until(lambda: reports("scoreboard_outbox_depth 1.0"))
        leading.cancel()
        await asyncio.wait([leading])
    assert await reports("scoreboard_outbox_depth 0.0")
    assert await reports("scoreboard_outbox_age_s 0.0")
