"""`scoreboard events show`: everything about one event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from cli.actor import record_read
from cli.environment import read_database_settings
from cli.output import CommandFailed, JsonOption, plain, print_json, print_line, print_members
from cli.signals import run_work
from scoreboard.domain.acts import ActKind
from scoreboard.domain.errors import ConfigurationError
from scoreboard.domain.identifiers import EventId
from scoreboard.domain.times import iso_utc
from scoreboard.settings import Settings

if TYPE_CHECKING:
    from scoreboard.auth.keyring import KeyRing
    from scoreboard.ledger.history import HeldEvent, StoredEvent

ERASED = "It cannot be told: its user is erased, and the token went with him."


def show(
    event_id: Annotated[
        int,
        typer.Argument(
            metavar="ID",
            min=1,
            max=2**63 - 1,
            help="The event's number, the message_id of its update.",
        ),
    ],
    with_token: Annotated[
        bool, typer.Option("--token", help="The token itself as well, as it was received.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show one event, the claims of its token, and whether that is still true.

    A token is true where its key made it, the key was valid then, and it says what the event says.

    \b
    Examples:
      scoreboard events show 4711
      scoreboard events show 4711 --json --token
    """
    settings = read_database_settings()
    held = run_work(_read(settings.database_url, event_id))
    if held is None:
        raise CommandFailed(f"There is no event {event_id}.")
    judged = None if held.event.act_id is not None else _judge(held.event, settings)
    if as_json:
        print_json(_to_json(held, judged, with_token=with_token))
    else:
        _print(held, judged, with_token=with_token)


async def _read(database_url: str, event_id: int) -> HeldEvent | None:
    from scoreboard.ledger.history import History  # noqa: PLC0415 - quick --help
    from scoreboard.ledger.session import open_session  # noqa: PLC0415

    async with open_session(database_url, "show") as session:
        held = await History(session).read(EventId(event_id))
        if held is not None:
            about = (held.event.board_id, held.event.user_id)
            await record_read(
                session,
                ActKind.READ_EVENTS,
                board_id=about[0],
                user_id=about[1],
                parameters={"event": event_id},
            )
        return held


def _judge(event: StoredEvent, settings: Settings) -> dict[str, Any]:
    """What the token says: `header` and `claims`, None where nothing can be read; `isTrue`, None
    where that cannot be told; and the `reason` wherever it is not true.
    """
    from cli.events.judgement import Proven, judge_stored  # noqa: PLC0415 - quick --help
    from cli.inspection import inspect_token  # noqa: PLC0415
    from scoreboard.auth.keyring import KeyRing  # noqa: PLC0415
    from scoreboard.auth.verify import TokenVerifier  # noqa: PLC0415

    judged: dict[str, Any] = {"header": None, "claims": None, "isTrue": False, "reason": None}
    stored = event.token
    if stored is None:
        return {**judged, "isTrue": None, "reason": ERASED}
    token = stored.decode("ascii", "replace")
    try:
        seen = inspect_token(token, KeyRing(()), settings, event.created_at.timestamp())
    except CommandFailed as error:
        return {**judged, "reason": str(error)}
    judged |= {"header": seen.header, "claims": seen.claims}
    try:
        keys = _load(settings.keys_file)
    except ConfigurationError as error:
        return {**judged, "isTrue": None, "reason": f"It cannot be told: {error}"}
    verifier = TokenVerifier(keys, settings.issuer, settings)
    doubt = judge_stored(Proven.of(event), stored, event.created_at.timestamp(), verifier)
    return {**judged, "isTrue": doubt is None, "reason": doubt.reason if doubt else None}


def _load(path: Path) -> KeyRing:
    from scoreboard.auth.keys import load_keys  # noqa: PLC0415 - quick --help

    return load_keys(path)


def _truth(judged: dict[str, Any]) -> str:
    if judged["isTrue"]:
        return "yes"
    return f"no: {judged['reason']}" if judged["isTrue"] is False else str(judged["reason"])


def _to_json(held: HeldEvent, judged: dict[str, Any] | None, *, with_token: bool) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(held.event)
    token = members.pop("token", None)
    members |= {"nonceExpiresAt": held.nonce_expires_at, "action": judged}
    if with_token:
        members["token"] = token
    return members


def _print(held: HeldEvent, judged: dict[str, Any] | None, *, with_token: bool) -> None:
    event = held.event
    members = {
        "event": f"{event.event_id}",
        "at": iso_utc(event.created_at),
        "board": event.board_id,
        "user": event.user_id,
        "delta": f"{event.delta:+,}",
        "score": f"{event.score:,}",
        "version": f"{event.version:,}",
        "action": event.source,
        "actor": event.actor,
        **(_tell_act(event) if judged is None else _tell_token(held, judged)),
    }
    for name, text in members.items():
        print_line(f"{name:8} {plain(text)}")
    for title in ("header", "claims"):
        if judged is not None and judged[title] is not None:
            print_members(title, judged[title])
    if with_token and event.token is not None:
        print_line(f"token    {plain(event.token.decode('ascii', 'backslashreplace'))}")


def _tell_token(held: HeldEvent, judged: dict[str, Any]) -> dict[str, str]:
    until = held.nonce_expires_at
    return {
        "nonce": str(held.event.nonce),
        "held": "no longer" if until is None else f"its token expires {iso_utc(until)}",
        "key": str(held.event.kid),
        "verified": _truth(judged),
    }


def _tell_act(event: StoredEvent) -> dict[str, str]:
    told = {"act": f"{event.act_id}"}
    if event.refers_to is not None:
        told["undoes"] = f"event {event.refers_to}"
    if event.act is not None and event.act.reason is not None:
        told["reason"] = event.act.reason
    return told
