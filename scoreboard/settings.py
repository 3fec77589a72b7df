"""Every setting and every limit, by name, read once from the environment."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from scoreboard.domain.errors import ConfigurationError

PREFIX = "SCOREBOARD_"
DEFAULT_KEYS_FILE = Path(".scoreboard/keys.json")
ROLES = ("api", "gateway", "relay")
WORKERS_MAX = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _setting(default: Any, help_text: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - a field
    return field(default=default, repr=not secret, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One process's settings. Units are the last word of a name; `_s` seconds, `_ms` milliseconds.

    Raises ConfigurationError from `from_environment` with a sentence that names the setting.
    """

    database_url: str = _setting("", "PostgreSQL ≥ 14, as a URL. Required.", secret=True)
    redis_url: str = _setting("", "Redis ≥ 6.2: redis://, rediss:// or unix://.", secret=True)
    amqp_url: str = _setting(
        "", "RabbitMQ ≥ 3.10. Empty: snapshots travel over Redis, one host only.", secret=True
    )
    redis_prefix: str = _setting("scoreboard", "Begins every key and channel in Redis.")
    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 for every interface.")
    port: int = _setting(8080, "Public port: REST, WebSocket and SSE.")
    admin_host: str = _setting("127.0.0.1", "Address of the admin port.")
    admin_port: int = _setting(9090, "Metrics; keep it private.")
    keys_file: Path = _setting(DEFAULT_KEYS_FILE, "Key file (JWKS), mode 0600.")
    issuer: str = _setting("scoreboard", "The `iss` of every token this service accepts.")
    tls_cert: Path | None = _setting(None, "Certificate chain; with TLS_KEY the port speaks TLS.")
    tls_key: Path | None = _setting(None, "Private key of TLS_CERT.")
    allowed_origins: tuple[str, ...] = _setting(
        (),
        "Origins whose pages may open a WebSocket or an SSE stream, comma-separated; `*` for "
        "any. "
        "The service's own origin always may.",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        (), "Networks whose X-Forwarded-For is believed, comma-separated."
    )
    instances: int = _setting(1, "How many instances share the limits when Redis is away.")
    workers: int = _setting(
        1, "Processes of `scoreboard serve`, on one port. Limits of a process hold for each."
    )
    roles: tuple[str, ...] = _setting(
        ROLES,
        "What this instance does, comma-separated: `api` REST, `gateway` WebSocket and "
        "SSE, `relay` may lead the relay.",
    )
    instance_id: str = _setting("", "Name in leases and logs. Empty: made up at the start.")

    database_pool_size: int = _setting(8, "PostgreSQL connections per process.")
    database_timeout_ms: int = _setting(1000, "Longest a request waits for PostgreSQL.")
    preview_timeout_ms: int = _setting(
        10_000, "Longest a preview of an act about many events may look through them."
    )
    redis_pool_size: int = _setting(16, "Redis connections per process.")
    redis_timeout_ms: int = _setting(250, "Longest a request waits for Redis.")
    redis_retry_ms: int = _setting(500, "Pause after a failure before Redis is asked again.")
    allow_unsafe_database: bool = _setting(
        False, "Start although fsync, full_page_writes or synchronous_commit is off."
    )

    batch_max: int = _setting(128, "Most increments in one transaction.")
    batches_in_flight: int = _setting(2, "Transactions under way at once.")
    queue_max: int = _setting(4096, "Increments that may wait; more are refused as overloaded.")
    queue_wait_ms: int = _setting(
        300, "Longest an increment may wait for its batch at the present pace; else as queue_max."
    )
    refusals_per_s: int = _setting(
        1000, "Increments told that they are too many in a second; further ones wait for that."
    )
    requests_max: int = _setting(8192, "Requests at work at once; more are refused as overloaded.")
    body_max_bytes: int = _setting(4096, "Largest request body.")
    head_timeout_s: float = _setting(10.0, "Longest a request's head may take to arrive.")
    body_timeout_s: float = _setting(10.0, "Longest a body may take to arrive.")
    token_max_bytes: int = _setting(2048, "Longest token of either class.")

    rate_ip_per_s: float = _setting(500.0, "Requests of one address per second.")
    rate_ip_burst: int = _setting(1000, "Requests of one address at once.")
    rate_ip_failure_cost: int = _setting(10, "What a failed authorisation counts as.")
    rate_user_per_s: float = _setting(20.0, "Increments of one user per second.")
    rate_user_burst: int = _setting(40, "Increments of one user at once.")

    grant_life_s: int = _setting(60, "Life of an action token that POST /actions grants.")
    action_life_max_s: int = _setting(300, "Longest life (exp − iat) of an action token.")
    clock_leeway_s: float = _setting(5.0, "Tolerance towards clocks of token issuers.")
    bearer_memory_s: float = _setting(60.0, "Longest a verified Bearer token is remembered.")
    bearer_memory_max: int = _setting(10_000, "How many verified Bearer tokens are remembered.")

    top_cache_ms: int = _setting(50, "Age at which a top list is read anew.")
    top_fallback_cache_ms: int = _setting(1000, "The same while Redis is away.")
    top_stale_max_s: float = _setting(60.0, "Oldest top list shown while no store answers.")

    relay_poll_ms: int = _setting(250, "Pause between looks at the outbox when nobody wakes it.")
    relay_batch_max: int = _setting(256, "Most outbox rows relayed at once.")
    lease_s: float = _setting(2.0, "Life of the relay's lease.")
    lease_renew_s: float = _setting(0.5, "How often the lease is renewed.")
    tick_ms: int = _setting(50, "Shortest time between two snapshots of a view.")
    maintenance_s: float = _setting(1.0, "How often the leader examines Redis.")
    nonce_keep_s: int = _setting(90_000, "How long past expiry nonces are kept; at least a day.")
    rebuild_batch: int = _setting(2000, "Users read from PostgreSQL at once in a rebuild.")

    websocket_max: int = _setting(12_000, "Open WebSockets and SSE streams of this process.")
    websocket_max_per_ip: int = _setting(200, "Open WebSockets and SSE streams of one address.")
    websocket_handshakes_per_s: float = _setting(
        500.0, "WebSockets and SSE streams that begin per second; further ones wait their turn."
    )
    websocket_views_max: int = _setting(8, "Views that one WebSocket or SSE stream may show.")
    websocket_frame_max_bytes: int = _setting(4096, "Largest WebSocket frame taken.")
    websocket_frames_per_s: float = _setting(10.0, "Frames taken from one WebSocket per second.")
    websocket_ping_s: float = _setting(25.0, "Time between two pings.")
    websocket_pong_s: float = _setting(
        10.0, "Time in which a ping must be answered, or acknowledged on an SSE stream."
    )
    websocket_buffer_skip_bytes: int = _setting(
        65_536, "Unsent bytes at which a client is skipped."
    )
    websocket_buffer_max_bytes: int = _setting(1_048_576, "Unsent bytes at which it is closed.")
    websocket_behind_max_s: float = _setting(20.0, "Longest a client may stay behind.")
    websocket_repair_s: float = _setting(1.0, "How often versions are compared with PostgreSQL.")
    websocket_resume_s: float = _setting(
        60.0, "How long a view that nobody watches is kept for clients that come back."
    )
    personal_s: float = _setting(
        1.0, "Shortest time between two looks at the users whom clients follow."
    )
    drain_notice_s: float = _setting(
        0.0, "Pause after SIGTERM in which only /readyz changes, so that balancers can notice."
    )
    drain_s: float = _setting(10.0, "Grace period after SIGTERM.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Reads `SCOREBOARD_*`; raises ConfigurationError for the first bad or unknown one."""
        known = {PREFIX + each.name.upper(): each for each in fields(cls)}
        for name in environ:
            # The tests' own variables share the prefix and are none of the service's.
            if name.startswith(PREFIX) and name not in known and not name.startswith(TEST_PREFIX):
                raise ConfigurationError(f"{name} is not a setting of scoreboard.")
        values = {
            each.name: _parse(name, each, environ[name].strip())
            for name, each in known.items()
            if environ.get(name, "").strip()
        }
        values.setdefault("instance_id", uuid.uuid4().hex[:12])
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Raises ConfigurationError where a value lies outside what can work."""
        if not self.database_url.startswith(("postgresql://", "postgres://")):
            raise ConfigurationError(
                "SCOREBOARD_DATABASE_URL must be a postgresql:// URL; "
                "`scoreboard dev` starts a private server and needs none."
            )
        if not self.redis_url.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigurationError(
                "SCOREBOARD_REDIS_URL must be a redis://, rediss:// or unix:// URL."
            )
        if self.amqp_url and not self.amqp_url.startswith(("amqp://", "amqps://")):
            raise ConfigurationError("SCOREBOARD_AMQP_URL must be an amqp:// or amqps:// URL.")
        _check_addresses(self.database_url, self.redis_url, self.amqp_url)
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigurationError("SCOREBOARD_TLS_CERT and SCOREBOARD_TLS_KEY go together.")
        if self.nonce_keep_s < DAY_S:
            raise ConfigurationError(
                f"SCOREBOARD_NONCE_KEEP_S must be at least {DAY_S}: "
                "a lost answer can be looked up for a day."
            )
        for each in fields(self):
            self._check_positive(each)
        if self.workers > WORKERS_MAX:
            raise ConfigurationError(f"SCOREBOARD_WORKERS must be at most {WORKERS_MAX}.")
        self._check_roles()

    def _check_roles(self) -> None:
        unknown = [role for role in self.roles if role not in ROLES]
        if unknown:
            raise ConfigurationError(
                f"SCOREBOARD_ROLES or --roles names {unknown[0]!r}, "
                f"which is none of {', '.join(ROLES)}."
            )
        if not self.roles:
            raise ConfigurationError(
                f"SCOREBOARD_ROLES or --roles must name at least one of {', '.join(ROLES)}."
            )

    def _check_positive(self, each: Field[Any]) -> None:
        value = getattr(self, each.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        if not 0 < value < float("inf") and not (each.name in MAY_BE_ZERO and value == 0):
            raise ConfigurationError(f"{PREFIX}{each.name.upper()} must be greater than 0.")


def has_unescaped_password(url: str) -> bool:
    """Whether user or password hold a character at which they would end.

    What follows it would be taken for a host or a path, and be shown. A path or query may hold an
    @ of its own.
    """
    authority = _ENDS_HOST.split(url.partition("://")[2], maxsplit=1)[0]
    return bool(authority) and "@" not in authority and _USERINFO.match(url) is not None


def _check_addresses(*urls: str) -> None:
    for name, url in zip(("DATABASE_URL", "REDIS_URL", "AMQP_URL"), urls, strict=True):
        if has_unescaped_password(url):
            raise ConfigurationError(
                f"User or password in {PREFIX}{name} hold one of / ? # [ ]. "
                "Write them as %2F %3F %23 %5B %5D."
            )


_USERINFO = re.compile(r"[a-z+]+://(?P<userinfo>.*)@", re.IGNORECASE | re.DOTALL)
_ENDS_HOST = re.compile(r"[/?#\[\]]")

TEST_PREFIX = PREFIX + "TEST_"
DAY_S = 86_400
MAY_BE_ZERO = frozenset(
    {"port", "admin_port", "clock_leeway_s", "bearer_memory_s", "drain_notice_s"}
)
"""Port 0 asks the system for a free one."""


def _boolean(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
        text.lower()
    ]


def split_list(text: str) -> tuple[str, ...]:
    """The parts between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in split_list(text))


_PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "str": (str, "a text"),
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (_boolean, "true or false"),
    "Path": (Path, "a path"),
    "Path | None": (Path, "a path"),
    "tuple[str, ...]": (split_list, "a comma-separated list"),
    "tuple[Network, ...]": (_networks, "a comma-separated list of networks such as 10.0.0.0/8"),
}


def _parse(name: str, each: Field[Any], text: str) -> Any:  # noqa: ANN401 - as the field's type
    parser, expected = _PARSERS[str(each.type)]
    try:
        return parser(text)
    except (ValueError, KeyError) as error:
        shown = "" if each.metadata["secret"] else f", not {text!r}"
        raise ConfigurationError(f"{name} must be {expected}{shown}.") from error
