"""The simulated players: always the same ids and names, so that a later start finds them again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from scoreboard.domain.identifiers import UserId

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:scoreboard:players")

ADJECTIVES = (
    "Amber", "Brave", "Calm", "Clever", "Coral", "Cosmic", "Dapper", "Eager", "Gentle", "Golden",
    "Happy", "Ivory", "Jolly", "Lucky", "Mellow", "Misty", "Noble", "Polar", "Quiet", "Rapid",
    "Silver", "Sunny", "Velvet", "Witty",
)  # fmt: skip
ANIMALS = (
    "Badger", "Beaver", "Cheetah", "Crane", "Dolphin", "Falcon", "Ferret", "Finch", "Gecko",
    "Heron", "Ibex", "Jaguar", "Koala", "Lemur", "Lynx", "Marmot", "Otter", "Owl", "Panda",
    "Puffin", "Raven", "Seal", "Tiger", "Wombat", "Zebra",
)  # fmt: skip
COMBINATIONS = len(ADJECTIVES) * len(ANIMALS)
# The lengths share no divisor, so walking both at once meets every combination before any twice.
assert (len(ADJECTIVES), len(ANIMALS)) == (24, 25)


REMEMBERED = 1000
"""Players of earlier starts are called by their names too, up to this many."""

VISITORS = 1000
"""Visitors are numbered below this; two may share a name, but never one with a player."""


@dataclass(frozen=True, slots=True)
class Player:
    """A simulated player; `name` is known to screens alone, not to the service."""

    user_id: UserId
    name: str


YOU = Player(UserId(str(uuid.uuid5(NAMESPACE, "you"))), "You")
"""Whom the commands on the screen play for."""


def invent_players(count: int) -> list[Player]:
    """The first `count` players."""
    return [
        Player(UserId(str(uuid.uuid5(NAMESPACE, str(index)))), _name(index))
        for index in range(count)
    ]


def invent_visitor(seed: str) -> Player:
    """The visitor who holds the secret `seed`: always the same one."""
    user_id = UserId(str(uuid.uuid5(NAMESPACE, f"visitor:{seed}")))
    return Player(user_id, visitor_name(user_id))


def visitor_name(user_id: str) -> str:
    """What somebody who is not simulated is called."""
    number, animal = divmod(uuid.UUID(user_id).int, len(ANIMALS))
    return f"{ANIMALS[animal]} {number % VISITORS}"


def naming(players: int) -> Callable[[str], str]:
    """What users are called by screens, when so many are simulated; earlier ones are known too."""
    known = [YOU, *invent_players(max(players, REMEMBERED))]
    names: dict[str, str] = {each.user_id: each.name for each in known}
    return lambda user_id: names.get(user_id) or visitor_name(user_id)


def _name(index: int) -> str:
    name = f"{ADJECTIVES[index % len(ADJECTIVES)]} {ANIMALS[index % len(ANIMALS)]}"
    again = index // COMBINATIONS
    return f"{name} {again + 1}" if again else name
