"""The whole play: service, players and audience in one process, over one real port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from cli.client import fetch_top
from cli.playground.hints import commands, friendly, reachable, winning_delta
from cli.playground.log import BoundedLog
from cli.playground.names import invent_players
from cli.playground.players import Simulation
from cli.playground.presentation import Presentation, Scene
from cli.playground.servers import DevOptions, Servers, environment_told, prepare
from cli.playground.visitors import VisitorRoutes
from scoreboard.auth.issue import TokenIssuer
from scoreboard.auth.keys import load_keys
from scoreboard.auth.verify import TokenVerifier
from scoreboard.bootstrap import Service, open_service
from scoreboard.domain.identifiers import MAIN_BOARD
from scoreboard.telemetry.logs import configure_logs


async def play(
    options: DevOptions, servers: Servers, environ: Mapping[str, str], shown: Presentation
) -> None:
    """Serves, plays and shows until cancelled. Raises ConfigurationError."""
    with BoundedLog(options.log_file) as log:
        configure_logs(log)
        settings = await prepare(servers, options, environ)
        keys = load_keys(options.keys_file)
        issuer = TokenIssuer(keys, settings.issuer)
        verifier = TokenVerifier(keys, settings.issuer, settings)
        visitors = VisitorRoutes(issuer, verifier, options.players)
        async with open_service(settings, add_dev_routes=visitors.add_to) as service:
            try:
                with environment_told(options, servers, service.url, service.admin_url):
                    await _perform(options, servers, issuer, service, shown)
            finally:
                shown.say("Stopping …")


async def _perform(
    options: DevOptions,
    servers: Servers,
    issuer: TokenIssuer,
    service: Service,
    shown: Presentation,
) -> None:
    url = reachable(service.url)
    simulation = Simulation(url, issuer, invent_players(options.players), options.rate)
    leaders = (await fetch_top(url, MAIN_BOARD, 1)).entries
    delta = winning_delta(leaders[0].score if leaders else 0)
    scene = Scene(
        url=friendly(url),
        players=options.players,
        addresses={
            "url": url,
            "adminUrl": service.admin_url,
            "databaseUrl": servers.database_url,
            "redisUrl": servers.redis_url,
            "keysFile": str(options.keys_file.absolute()),
        },
        commands=commands(friendly(url), options.keys_file, delta),
        tally=simulation.tally,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(service.run())
        if options.players:
            tasks.create_task(simulation.run())
        tasks.create_task(shown.run(scene))
