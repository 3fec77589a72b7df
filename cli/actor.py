"""Who acts on the command line: the account that runs it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from scoreboard.domain.acts import APPLIED, ActKind, Actor

if TYPE_CHECKING:
    from scoreboard.domain.identifiers import BoardId, UserId
    from scoreboard.ledger.session import Session


def local_actor() -> Actor:
    """As the audit trail names it. Whoever has the database's URL may do anything: no scopes."""
    return Actor(subject=getpass.getuser(), origin="cli")


async def record_read(
    session: Session,
    kind: ActKind,
    *,
    board_id: BoardId | None = None,
    user_id: UserId | None = None,
    parameters: dict[str, int | str | None] | None = None,
) -> int:
    """Records a read of personal data, before anything of it is shown; the id of the act."""
    from scoreboard.ledger.acts import ActLedger  # noqa: PLC0415 - keeps --help quick

    return await ActLedger(session.fetch).record(
        kind,
        local_actor(),
        outcome=APPLIED,
        board_id=board_id,
        user_id=user_id,
        parameters=parameters,
    )
