"""Whom the load is about: users of the test's own, all alike or some far busier than others."""

from __future__ import annotations

import random
import uuid
from bisect import bisect
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

from scoreboard.domain.identifiers import UserId

_NAMESPACE = uuid.UUID("5d1c7c2e-6f0b-5c8e-9a51-6c6f61647465")


@lru_cache(maxsize=100_000)
def user_of(number: int) -> UserId:
    """The user of a number, the same in every run: runs do not fill the board without end."""
    return UserId(str(uuid.uuid5(_NAMESPACE, str(number))))


def drawer(users: int, zipf: float) -> Callable[[], int]:
    """A function that draws a user's number below `users`.

    With `zipf` the n-th is drawn in proportion to 1/n^zipf; with 0 all alike.
    """
    chance = random.SystemRandom().random
    if zipf == 0:
        return lambda: int(chance() * users)
    weights = list(accumulate(1 / number**zipf for number in range(1, users + 1)))
    total = weights[-1]
    return lambda: min(bisect(weights, chance() * total), users - 1)
