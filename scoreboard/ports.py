"""Opening the public and the admin port."""

from __future__ import annotations

import ssl
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web

from scoreboard.domain.errors import ConfigurationError
from scoreboard.settings import Settings
from scoreboard.web.connection import Lane, LaneServer
from scoreboard.web.protocol_log import ProtocolLog

KEEP_ALIVE_S = 75.0
BACKLOG = 1024


async def open_public_port(
    stack: AsyncExitStack,
    app: web.Application,
    lane: Lane | None,
    settings: Settings,
    *,
    is_shared: bool,
) -> str:
    """Serves `app` until the stack is left; its URL. `is_shared` allows others on the same port.

    `lane` is shown requests first.

    Raises ConfigurationError where the port is taken or the certificate cannot be used.
    """
    runner = await _start_runner(stack, app, settings, lane)
    tls = _tls(settings)
    try:
        site = web.TCPSite(
            runner,
            settings.host,
            settings.port,
            ssl_context=tls,
            backlog=BACKLOG,
            reuse_port=is_shared or None,
        )
        await site.start()
    except OSError as error:
        raise port_refused(settings.host, settings.port, "SCOREBOARD_PORT", error) from error
    return _url("https" if tls else "http", settings.host, runner)


async def open_admin_port(stack: AsyncExitStack, app: web.Application, settings: Settings) -> str:
    """The same for the admin port, which never speaks TLS."""
    runner = await _start_runner(stack, app, settings)
    host, port = settings.admin_host, settings.admin_port
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError as error:
        raise port_refused(host, port, "SCOREBOARD_ADMIN_PORT", error) from error
    return _url("http", host, runner)


def port_refused(host: str, port: int, setting: str, error: OSError) -> ConfigurationError:
    """The sentence for a port that cannot be opened."""
    return ConfigurationError(
        f"Port {port} on {host} cannot be opened ({error.strerror or error}). "
        f"Choose another with {setting}."
    )


async def _start_runner(
    stack: AsyncExitStack, app: web.Application, settings: Settings, lane: Lane | None = None
) -> web.AppRunner:
    runner = _Runner(
        lane,
        settings.head_timeout_s,
        app,
        access_log=None,
        logger=ProtocolLog(),
        auto_decompress=False,
        keepalive_timeout=KEEP_ALIVE_S,
        shutdown_timeout=settings.drain_s,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


class _Runner(web.AppRunner):
    """aiohttp's, with our own connections."""

    def __init__(
        self, lane: Lane | None, head_timeout_s: float, app: web.Application, **options: Any
    ) -> None:
        super().__init__(app, **options)
        self._lane = lane
        self._head_timeout_s = head_timeout_s

    async def _make_server(self) -> web.Server:
        return LaneServer(await super()._make_server(), self._lane, self._head_timeout_s)


def _url(scheme: str, host: str, runner: web.AppRunner) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{runner.addresses[0][1]}"


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"SCOREBOARD_TLS_CERT and SCOREBOARD_TLS_KEY cannot be used: {error}."
        ) from error
    return context
