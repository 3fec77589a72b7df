"""What one client may see: its views, whatever their kind, and who it says it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from scoreboard.domain.claims import Principal
from scoreboard.domain.errors import AuthRequired, InvalidPayload, TokenInvalid
from scoreboard.domain.frames import (
    AROUND_VIEWS,
    ME,
    TOP_VIEWS,
    USERS,
    USERS_MAX,
    Authenticated,
    ViewKey,
)
from scoreboard.domain.identifiers import BoardId, UserId, parse_user_id
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.gateway.admission import BoardExists
from scoreboard.gateway.channel import Position
from scoreboard.gateway.following import Following
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.subscriber import Subscriber
from scoreboard.gateway.watches import AroundWatch, MeWatch, UsersWatch

VIEWS = frozenset({*TOP_VIEWS, ME, USERS, *AROUND_VIEWS})
PERSONAL_VIEWS = frozenset({ME, *AROUND_VIEWS})
"""Shown to their own user alone."""


class ViewsExhausted(Exception):
    """The client watches as many views as it may."""


class Sources(Struct, frozen=True):
    """What clients' views come from.

    `verify` is who a Bearer token names; it raises TokenInvalid or TokenExpired. `now_s` is the
    database's clock in Unix seconds, by which tokens expire.
    """

    hub: Hub
    following: Following
    board_exists: BoardExists
    verify: Callable[[str], Principal]
    now_s: Callable[[], float]
    views_max: int


class Identity(Struct, frozen=True):
    """Who a client is, until its token expires (Unix seconds)."""

    user_id: UserId
    expires_at_s: int


def read_identity(token: str, sources: Sources) -> Identity:
    """Whom a Bearer token names. Raises TokenExpired or TokenInvalid."""
    principal = sources.verify(token)
    user_id = parse_user_id(principal.subject)
    if user_id is None:
        raise TokenInvalid("The token names no user.")
    return Identity(user_id, principal.expires_at_s)


class Viewing:
    """The views of one client."""

    __slots__ = ("_identity", "_sources", "subscriber")

    def __init__(self, subscriber: Subscriber, sources: Sources) -> None:
        self.subscriber = subscriber
        self._sources = sources
        self._identity: Identity | None = None

    @property
    def is_expired(self) -> bool:
        """Whether it has authenticated itself and should have done so again by now."""
        identity = self._identity
        return identity is not None and self._sources.now_s() >= identity.expires_at_s

    @property
    def is_behind(self) -> bool:
        """Whether it is being skipped because it reads too slowly."""
        return self._sources.hub.is_behind(self.subscriber)

    def attend(self) -> None:
        """Hears from now on what concerns everybody."""
        self._sources.hub.attend(self.subscriber)

    def authenticate(self, token: str) -> Authenticated:
        """Takes a token. Raises TokenExpired, or TokenInvalid, also for another user."""
        identity = read_identity(token, self._sources)
        if self._identity is not None and self._identity.user_id != identity.user_id:
            raise TokenInvalid("The connection belongs to another user.")
        self.identify(identity)
        expires_at = from_unix_us(identity.expires_at_s * 1_000_000)
        return Authenticated(user_id=identity.user_id, expires_at=iso_utc(expires_at))

    def identify(self, identity: Identity) -> None:
        """It is known who the client is."""
        self._identity = identity

    def subscribe(
        self, key: ViewKey, users: Sequence[str] | None = None, known: Position | None = None
    ) -> None:
        """Begins to show a view of a board that is there.

        Raises InvalidPayload, AuthRequired for a personal view, or ViewsExhausted.
        """
        subscriber, sources = self.subscriber, self._sources
        view = key[1]
        whom = self._whom(view, users)
        if key not in subscriber.views and len(subscriber.views) >= sources.views_max:
            raise ViewsExhausted
        if view in TOP_VIEWS:
            sources.hub.subscribe(subscriber, key, known)
        elif view == ME:
            sources.following.follow(MeWatch(subscriber, key, whom))
        elif view == USERS:
            sources.following.follow(UsersWatch(subscriber, key, whom))
        else:
            sources.following.follow(AroundWatch(subscriber, key, whom, AROUND_VIEWS[view]))

    def unsubscribe(self, board: str, view: str) -> None:
        """Shows a view no more; does nothing where it was not shown."""
        key = (BoardId(board), view)
        self._sources.hub.unsubscribe(self.subscriber, key)
        self._sources.following.unfollow(self.subscriber, key)

    def leave(self) -> None:
        """Shows nothing more."""
        self._sources.following.leave(self.subscriber)
        self._sources.hub.leave(self.subscriber)

    def _whom(self, view: str, users: Sequence[str] | None) -> tuple[UserId, ...]:
        if (view == USERS) != (users is not None):
            raise InvalidPayload
        if view in PERSONAL_VIEWS:
            if self._identity is None:
                raise AuthRequired
            return (self._identity.user_id,)
        return read_users(users or ()) if view == USERS else ()


def read_users(texts: Sequence[str]) -> tuple[UserId, ...]:
    """The users of those ids, each once. Raises InvalidPayload where there are too many or none."""
    users = [user for user in map(parse_user_id, texts) if user is not None]
    if not 1 <= len(texts) <= USERS_MAX or len(users) < len(texts):
        raise InvalidPayload
    return tuple(dict.fromkeys(users))
