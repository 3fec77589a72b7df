"""What is pushed, and what clients say: from asyncapi.json."""

from __future__ import annotations

from html import escape
from typing import Any

from tests.api_reference.markup import blocks, code, inline, json_example, link, table
from tests.api_reference.schemas import Schemas

FROM_CLIENTS = "receive"


class MessageTexts:
    """Renders channels and messages of one document."""

    def __init__(self, document: dict[str, Any], schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def channels(self) -> str:
        """Every channel with its parameters and what runs over it."""
        return "".join(
            self._channel(name, channel) for name, channel in self._document["channels"].items()
        )

    def _channel(self, name: str, channel: dict[str, Any]) -> str:
        operations = [
            each
            for each in self._document["operations"].values()
            if each["channel"]["$ref"] == f"#/channels/{name}"
        ]
        rows = [
            (
                "from the client" if each["action"] == FROM_CLIENTS else "from the server",
                inline(each["summary"]),
                ", ".join(_linked(message["$ref"]) for message in each["messages"]),
            )
            for each in operations
        ]
        return (
            f'<section class="entry" id="channel-{name}"><h3><span class="method">GET</span> '
            f'<span class="path">{escape(channel["address"])}</span></h3>'
            f'<p class="summary">{escape(channel["title"])}</p>{blocks(channel["description"])}'
            f"{self._query(channel, operations)}"
            f"{table('Frames', ('who', 'what for', 'frames'), rows)}"
            f"{_close_codes(channel)}</section>"
        )

    def _query(self, channel: dict[str, Any], operations: list[dict[str, Any]]) -> str:
        for bindings in [
            channel.get("bindings", {}),
            *(each.get("bindings", {}) for each in operations),
        ]:
            for binding in bindings.values():
                return self._schemas.members("Parameters of the address", binding["query"])
        return ""

    def messages(self) -> str:
        """Every frame."""
        return "".join(
            self._message(name, each)
            for name, each in self._document["components"]["messages"].items()
        )

    def _message(self, name: str, message: dict[str, Any]) -> str:
        examples = "".join(
            json_example(each["name"].capitalize(), each["payload"]) for each in message["examples"]
        )
        members = self._schemas.members(f"Members of {name}", message["payload"])
        return (
            f'<section class="entry" id="message-{name}"><h3>{code(name)}</h3>'
            f'<p class="summary">{inline(message["summary"])}</p>{members}{examples}</section>'
        )


def _linked(reference: str) -> str:
    name = reference.rpartition("/")[2]
    return link(f"message-{name}", code(name))


def _close_codes(channel: dict[str, Any]) -> str:
    rows = [
        (str(each["code"]), inline(each["meaning"]), "yes" if each["comeBack"] else "no")
        for each in channel.get("x-close-codes", ())
    ]
    return table("Close codes", ("code", "meaning", "come back?"), rows)
