"""What an act about many events would change, looked at before it is begun.

All of it is read in one snapshot. What is worked with are temporary tables, gone with the session.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from scoreboard.domain.errors import (
    ConfigurationError,
    Overloaded,
    StorageUnavailable,
    WindowTooLarge,
)
from scoreboard.domain.identifiers import UserId
from scoreboard.domain.standings import Entry
from scoreboard.domain.windows import Extent, Preview, UserChange, Window
from scoreboard.ledger.replay import create_tables, read_transaction
from scoreboard.ledger.session import Session, open_session
from scoreboard.ledger.statements import load_query
from scoreboard.settings import Settings

CHANGES_MAX = 100
TOP = 10

AT_ONCE = 2
"""Previews of one process: each keeps a core of PostgreSQL busy."""


class _Counted(Struct, frozen=True):
    events: int
    users: int
    first_id: int | None
    last_id: int | None


async def preview(session: Session, extent: Extent) -> Preview:
    """What it would change. Reads all events of the window, and as often as it takes: nothing cuts
    it off. The session is used up by it. Fails as the session does: see `open_session`.
    """
    await create_tables(session, "preview/create")
    async with read_transaction(session):
        below_id = await _find(session, extent)
        await session.execute("ANALYZE undone")
        await session.execute(load_query("preview/add_up"), extent.board_id)
        await session.execute("ANALYZE changes")
        counted = _Counted(*await session.fetchrow(load_query("preview/count")))
        changes = await session.fetch(load_query("preview/read_changes"), CHANGES_MAX)
        top = await session.fetch(load_query("preview/read_top"), extent.board_id, TOP)
    return Preview(
        extent.kind,
        extent.board_id,
        counted.events,
        counted.users,
        counted.first_id or 1,
        # Of a window also what has come to nothing: no later event gets in.
        below_id or (counted.last_id or 0) + 1,
        [UserChange(UserId(user_id), *figures) for user_id, *figures in changes],
        [Entry(UserId(user_id), *figures) for user_id, *figures in top],
    )


class Previews:
    """Previews for requests: over connections of their own, few at once and each within a limit."""

    def __init__(self, settings: Settings) -> None:
        self._database_url = settings.database_url
        self._timeout_s = settings.preview_timeout_ms / 1000
        self._under_way = 0

    async def preview(self, extent: Extent) -> Preview:
        """As `preview`. Raises Overloaded, WindowTooLarge or StorageUnavailable."""
        if self._under_way >= AT_ONCE:
            raise Overloaded("Others look at many events just now. Ask again after Retry-After.")
        self._under_way += 1
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                open_session(self._database_url, "preview") as session,
            ):
                return await preview(session, extent)
        except TimeoutError:
            raise WindowTooLarge from None
        except ConfigurationError as error:
            raise StorageUnavailable from error
        finally:
            self._under_way -= 1


async def _find(session: Session, extent: Extent) -> int | None:
    """Fills the table of what is undone; below which id, where the extent says that."""
    if not isinstance(extent, Window):
        await session.execute(load_query("preview/find_voided"), extent.board_id, extent.act_id)
        return None
    below_id: int = await session.fetchval(
        "SELECT coalesce(max(event_id), 0) + 1 FROM score_events"
    )
    if extent.last_id is not None:
        below_id = min(below_id, extent.last_id + 1)
    await session.execute(
        load_query("preview/find_window"),
        extent.board_id,
        extent.first_id,
        below_id,
        extent.user_id,
        extent.action,
        extent.kid,
        extent.since,
        extent.until,
    )
    return below_id
