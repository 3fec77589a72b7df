"""The one composition root: opens everything in order and closes it in reverse."""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from aiohttp import web

from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keys import load_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.bus.choose import open_bus
from scoreboard.bus.protocol import WAKE_FOR_RUN, Bus, ViewMessage
from scoreboard.domain.errors import NotFound, StorageUnavailable
from scoreboard.domain.identifiers import BoardId
from scoreboard.domain.times import from_unix_us, iso_utc
from scoreboard.gateway.following import Following
from scoreboard.gateway.gateway import Gateway
from scoreboard.gateway.hub import Hub
from scoreboard.gateway.viewing import Sources
from scoreboard.ingest.admission import Admission
from scoreboard.ingest.group_commit import GroupCommit
from scoreboard.ingest.redemption import Redemption
from scoreboard.ledger.acts import ActLedger
from scoreboard.ledger.leases import Lease
from scoreboard.ledger.nonces import NoncePurge
from scoreboard.ledger.previews import Previews
from scoreboard.ledger.runs import Runs
from scoreboard.ledger.writer import LedgerWriter
from scoreboard.moderation.moderation import Moderation
from scoreboard.moderation.personal_data import PersonalData
from scoreboard.moderation.undoing import Undoing
from scoreboard.ports import open_admin_port, open_public_port
from scoreboard.relay.erasing import DueErasures
from scoreboard.relay.housekeeping import Housekeeper
from scoreboard.relay.leader import Leader
from scoreboard.relay.lifting import SuspensionEnds
from scoreboard.relay.mending import StandingsMender
from scoreboard.relay.outbox import OutboxRelay
from scoreboard.relay.relay import Relay
from scoreboard.relay.running import UnfinishedRuns
from scoreboard.relay.views import ViewRelay, view_message
from scoreboard.relay.waking import Waker
from scoreboard.settings import Settings
from scoreboard.standings.limits import Limit, Rate, RateLimiter, RateLimits
from scoreboard.stores import Stores, open_stores
from scoreboard.telemetry.logs import get_log
from scoreboard.telemetry.metrics import Metrics
from scoreboard.telemetry.stats import read_counted
from scoreboard.web.actions import ActionRoutes, Grants
from scoreboard.web.acts import Actors, ActRoutes
from scoreboard.web.addresses import address_of, client_address
from scoreboard.web.boundary import Boundary
from scoreboard.web.connection import Lane
from scoreboard.web.descriptions import DescriptionRoutes
from scoreboard.web.increments import IncrementRoutes
from scoreboard.web.lane import IncrementLane
from scoreboard.web.operation import OperationRoutes, Stats
from scoreboard.web.pages import Mode, PageRoutes
from scoreboard.web.personal_data import PersonalDataRoutes
from scoreboard.web.probes import ProbeRoutes, admin_app
from scoreboard.web.reception import Reception
from scoreboard.web.scores import ScoreRoutes
from scoreboard.web.top_lane import Lanes, TopLane
from scoreboard.web.users import UserRoutes

CLOCK_S = 10.0
STOP_S = 5.0
LEASE = "relay"

GC_THRESHOLDS = (20_000, 20, 50)
"""Python's own look for cycles thousands of times a minute among requests that are under way."""

Loop = Callable[[], Awaitable[None]]

AddRoutes = Callable[[web.Application, Grants], None]
"""Adds what `scoreboard dev` serves beside everything else. No setting can: only a caller."""


class Service:
    """One running instance."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        stores: Stores,
        bus: Bus,
        add_dev_routes: AddRoutes | None,
    ) -> None:
        self._settings = settings
        self._add_dev_routes = add_dev_routes
        self._metrics = metrics
        self._stores = stores
        self._bus = bus
        self._client_address = client_address(settings.trusted_proxies)
        self._keys = load_keys(settings.keys_file)
        self._verifier = TokenVerifier(self._keys, settings.issuer, settings)
        self._relay = self._build_relay()
        limits = RateLimits(stores.redis, settings.redis_prefix)
        ip_limit, self._user_limit = self._build_limits()
        self._ip_limiter = RateLimiter(limits, ip_limit)
        self._commit = GroupCommit(
            Admission(limits, ip_limit, self._user_limit),
            LedgerWriter(stores.database),
            stores.ranking,
            self._relay.on_commit,
            metrics,
            settings,
        )
        self._hub = Hub(
            self._load_view, stores.views.read_versions, settings, metrics, stores.clock.now_us
        )
        self._gateway = Gateway(self._sources(), settings, metrics, self._client_ip)
        self._probes = ProbeRoutes(self._dependencies)
        self._log = get_log("service")
        self.url = ""
        self.admin_url = ""

    @asynccontextmanager
    async def serving(self, *, is_worker: bool) -> AsyncIterator[None]:
        """Ports are open and every loop runs inside; leaving it drains, then closes.

        A worker has no admin port, and shares the public one.
        """
        settings = self._settings
        async with AsyncExitStack() as stack:
            if not is_worker:
                admin = admin_app(self._render_metrics)
                self.admin_url = await open_admin_port(stack, admin, settings)
            self._loops = asyncio.create_task(self._run_loops())
            stack.push_async_callback(_cancel, self._loops)
            stack.push_async_callback(self._commit.close)
            stack.push_async_callback(self._ip_limiter.close)
            app, lane = self._build_app()
            self.url = await open_public_port(stack, app, lane, settings, is_shared=is_worker)
            stack.push_async_callback(self._drain)
            urls = {"url": self.url, "admin_url": self.admin_url}
            self._log.info("serving", **{name: url for name, url in urls.items() if url})
            yield

    async def run(self) -> None:
        """Until cancelled. Raises what stopped a loop: the process should end then."""
        await asyncio.shield(self._loops)

    async def _run_loops(self) -> None:
        loops: Sequence[Loop] = (
            self._keep_clock,
            self._stores.boards.run,
            self._run_bus,
            self._relay.run,
            self._gateway.run,
        )
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(_as_coroutine(loop))

    async def _drain(self) -> None:
        """Balancers look elsewhere, watchers are sent away, requests under way are finished."""
        self._probes.is_ready = False
        self._log.info("draining")
        await asyncio.sleep(self._settings.drain_notice_s)
        await self._gateway.drain()

    def _build_relay(self) -> Relay:
        stores, bus, metrics, settings = self._stores, self._bus, self._metrics, self._settings
        # Two processes must never hold one lease, whatever they are called.
        holder = f"{settings.instance_id}-{secrets.token_hex(4)}"
        lease = Lease(stores.database, LEASE, holder, settings.lease_s)
        return Relay(
            Leader(lease, metrics, settings),
            OutboxRelay(stores.outbox, stores.gaps, stores.ranking, bus, metrics, settings),
            ViewRelay(stores.tops, stores.views, stores.boards, bus, settings),
            StandingsMender(
                stores.standings, stores.ledger, stores.gaps, stores.boards, metrics, settings
            ),
            Housekeeper(
                stores.outbox,
                NoncePurge(stores.database, settings.nonce_keep_s),
                metrics,
                settings,
            ),
            SuspensionEnds(stores.database),
            UnfinishedRuns(stores.database),
            DueErasures(stores.database, settings.database_url),
            Waker(bus, settings),
        )

    def _client_ip(self, request: web.Request) -> str:
        return address_of(self._client_address, request)

    def _build_app(self) -> tuple[web.Application, Lane | None]:
        settings, stores, now_s = self._settings, self._stores, self._stores.clock.now_s
        reception = Reception(self._ip_limiter, self._client_address, self._metrics, settings)
        lane = None
        redemption = Redemption(
            self._verifier, self._user_limit, self._commit, stores.standing, now_s
        )
        grants = Grants(TokenIssuer(self._keys, settings.issuer), stores.boards, now_s, settings)
        app = web.Application(middlewares=[Boundary(reception).middleware()])
        self._probes.add_to(app)
        DescriptionRoutes().add_to(app)
        mode: Mode = "live" if self._add_dev_routes is None else "dev"
        PageRoutes(mode, has_console="api" in settings.roles).add_to(app)
        if self._add_dev_routes is not None:
            self._add_dev_routes(app, grants)
        if "api" in settings.roles:
            routes = IncrementRoutes(redemption, self._verifier, stores.boards, now_s, settings)
            routes.add_to(app)
            lane = Lanes(
                (
                    IncrementLane(reception, routes, stores.boards, settings),
                    TopLane(reception, stores.tops, stores.boards),
                )
            )
            acts = ActLedger(stores.database.write)
            moderation = Moderation(acts, stores.ranking, self._relay.on_commit)
            undoing = Undoing(
                Previews(settings).preview,
                acts,
                Runs(stores.database.write),
                lambda: self._relay.on_commit(WAKE_FOR_RUN),
            )
            actors = Actors(self._verifier, self._client_ip, now_s)
            ActRoutes(moderation, undoing, actors, stores.boards, settings).add_to(app)
            UserRoutes(moderation, actors, stores.boards).add_to(app)
            OperationRoutes(actors, stores.boards, self._read_stats).add_to(app)
            personal_data = PersonalData(acts, settings)
            PersonalDataRoutes(personal_data, actors, settings).add_to(app)
            ActionRoutes(self._verifier, grants, now_s, settings).add_to(app)
            ScoreRoutes(stores.tops, stores.standing, stores.neighbours, stores.boards).add_to(app)
        if "gateway" in settings.roles:
            self._gateway.add_routes(app)
        return app, lane

    def _sources(self) -> Sources:
        stores, now_s = self._stores, self._stores.clock.now_s
        return Sources(
            self._hub,
            Following(
                stores.standing.read_many,
                stores.neighbours.read_many,
                self._settings,
                self._metrics,
            ),
            self._board_exists,
            lambda token: self._verifier.verify_bearer(token, now_s()),
            now_s,
            self._settings.websocket_views_max,
        )

    def _build_limits(self) -> tuple[Limit, Limit]:
        settings = self._settings
        share = 1 / (settings.instances * settings.workers)
        ip = Rate("ip", settings.rate_ip_per_s, settings.rate_ip_burst)
        user = Rate("user", settings.rate_user_per_s, settings.rate_user_burst)
        return Limit(ip, share), Limit(user, share)

    async def _render_metrics(self) -> bytes:
        return self._metrics.render()

    async def _read_stats(self) -> Stats:
        return Stats(
            self._settings.instance_id,
            iso_utc(from_unix_us(self._stores.clock.now_us())),
            read_counted(self._metrics),
            await self._stores.outbox.read_state(),
            self._dependencies(),
        )

    async def _load_view(self, board_id: BoardId, view: str) -> ViewMessage | None:
        stored = await self._stores.views.read(board_id, view)
        return None if stored is None else view_message(board_id, view, stored, None)

    async def _board_exists(self, board_id: BoardId) -> bool:
        try:
            await self._stores.boards.find(board_id)
        except NotFound:
            return False
        return True

    async def _run_bus(self) -> None:
        await self._bus.run(self._hub.receive, self._relay.on_wake)

    async def _keep_clock(self) -> None:
        while True:
            with suppress(StorageUnavailable):
                await self._stores.clock.refresh()
                self._metrics.clock_offset_ms.set(self._stores.clock.offset_s * 1000)
            self._dependencies()
            await asyncio.sleep(CLOCK_S)

    def _dependencies(self) -> dict[str, str]:
        up = {
            "postgresql": self._stores.database.is_up,
            "redis": self._stores.redis.is_up,
            "bus": self._bus.is_connected,
        }
        for name, is_up in up.items():
            self._metrics.store_up.labels(name).set(int(is_up))
        return {name: "up" if is_up else "down" for name, is_up in up.items()}


@asynccontextmanager
async def open_service(
    settings: Settings,
    metrics: Metrics | None = None,
    *,
    is_worker: bool = False,
    add_dev_routes: AddRoutes | None = None,
) -> AsyncIterator[Service]:
    """A serving instance; leaving it drains and closes everything.

    A worker is one of several: it shares its port with them, and whoever gave the metrics serves
    them. Raises ConfigurationError with a sentence for the operator where it cannot start.
    """
    metrics = metrics or Metrics()
    async with open_stores(settings, metrics) as stores:
        service = Service(settings, metrics, stores, open_bus(settings), add_dev_routes)
        async with service.serving(is_worker=is_worker):
            yield service


async def run_service(
    settings: Settings,
    metrics: Metrics,
    *,
    is_worker: bool = False,
    on_serving: Callable[[str], object] = lambda _url: None,
) -> None:
    """Serves until cancelled, as a process that does nothing else; `on_serving` takes the URL.

    Raises as `open_service` does, and what stopped a loop.
    """
    async with open_service(settings, metrics, is_worker=is_worker) as service:
        # What is there now stays: the collector need not walk it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        on_serving(service.url)
        await service.run()


async def _as_coroutine(loop: Loop) -> None:
    await loop()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    # Bounded: on Python 3.11 `asyncio.wait_for`, which drivers use, can swallow a cancellation.
    _, late = await asyncio.wait((task,), timeout=STOP_S)
    if late:
        get_log("service").warning("loops did not end in time")
    elif not task.cancelled():
        task.exception()  # `run` has raised it
