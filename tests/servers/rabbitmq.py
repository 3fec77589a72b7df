"""A private RabbitMQ from the system's package: own node, ports, epmd and folder."""

from __future__ import annotations

import json
import shutil
import socket
import struct
from pathlib import Path
from signal import SIGKILL

from cli.embedded.errors import EmbeddedServerMissing
from cli.embedded.process import ServerProcess, death_signal, without_settings_of

VHOSTS = tuple(f"t{number}" for number in range(16))
READY_TIMEOUT_S = 90.0
# The outer command of Debian's package insists on the user rabbitmq; this one runs as anybody.
INNER_SCRIPT = "lib/rabbitmq/lib/*/sbin/rabbitmq-server"
PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = 1
CONNECTION_START = (10, 10)


class PrivateRabbitMQ:
    """A RabbitMQ node on loopback whose every file is below `folder`.

    `launch` returns at once, because the node needs seconds that others can use;
    `wait_until_ready` ends when it speaks AMQP.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.log = folder / "rabbitmq.log"
        self.port, self._dist_port, self._epmd_port = free_ports(3)
        self._processes: list[ServerProcess] = []

    def launch(self) -> None:
        """Start epmd, then the node. Raises EmbeddedServerMissing, ServerFailed."""
        script = find_inner_script()
        self._folder.mkdir(mode=0o700)
        self._write_files()
        # A node without an epmd starts one that outlives it; a child of ours ends with us.
        epmd = ("epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1")
        self._start("epmd", epmd).wait_until_ready(lambda: listens(self._epmd_port), 10.0)
        self._start("RabbitMQ", (str(script),))

    def wait_until_ready(self) -> None:
        """Wait until the node answers the AMQP protocol header. Raises ServerFailed."""
        self._processes[-1].wait_until_ready(lambda: speaks_amqp(self.port), READY_TIMEOUT_S)

    def stop(self) -> None:
        """Stop the node, then its epmd. Idempotent."""
        while self._processes:
            self._processes.pop().stop()

    def urls(self) -> list[str]:
        """Return one URL per virtual host."""
        return [f"amqp://guest:guest@127.0.0.1:{self.port}/{vhost}" for vhost in VHOSTS]

    def _start(self, name: str, command: tuple[str, ...]) -> ServerProcess:
        log = self._folder / f"{name.lower()}.log"
        child = (*death_signal("TERM"), *command)
        # Nothing in it outlives the run, and a node still booting takes its time over SIGTERM.
        process = ServerProcess(name, child, log, env=self._environment(), stop_signal=SIGKILL)
        self._processes.append(process)
        process.start()
        return process

    def _environment(self) -> dict[str, str]:
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            **without_settings_of("RABBITMQ_", "ERL_"),
            "HOME": str(self._folder),  # of the cookie
            "ERL_CRASH_DUMP": str(self._folder / "erl_crash.dump"),
            # A helper of the node, killed halfway, must not start an epmd that nobody stops.
            "ERL_FLAGS": "-start_epmd false",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"scoreboard-{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
            "RABBITMQ_CONF_ENV_FILE": str(self._folder / "no-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self._folder / "rabbitmq.pid"),
            # Makes the script become the node instead of waiting for it as a parent.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _write_files(self) -> None:
        definitions = self._folder / "definitions.json"
        definitions.write_text(json.dumps(_definitions()))
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "no-env.conf").write_text("")
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nload_definitions = {definitions}\n"
        )
        cookie = self._folder / ".erlang.cookie"
        cookie.touch(mode=0o600)
        cookie.write_text("ONLYFORTHISTESTRUN")
        cookie.chmod(0o400)


def find_inner_script() -> Path:
    """Return the script that starts a node as any user. Raises EmbeddedServerMissing."""
    inner = next(iter(sorted(Path("/usr").glob(INNER_SCRIPT))), None)
    script = inner or shutil.which("rabbitmq-server")
    if script and shutil.which("epmd"):
        return Path(script)
    raise EmbeddedServerMissing(
        "RabbitMQ was not found: run tests/install-servers, or name a running server in "
        "SCOREBOARD_TEST_AMQP_URL."
    )


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that nothing listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def listens(port: int) -> bool:
    """Tell whether a loopback connection to `port` is accepted."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def speaks_amqp(port: int) -> bool:
    """Tell whether the server on `port` answers the protocol header with Connection.Start."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5.0) as client:
            client.sendall(PROTOCOL_HEADER)
            head = client.recv(11, socket.MSG_WAITALL)
    except OSError:
        return False
    if len(head) < 11:
        return False
    kind, _channel, _size, *method = struct.unpack(">BHIHH", head)
    return kind == METHOD_FRAME and tuple(method) == CONNECTION_START


def _definitions() -> dict[str, object]:
    allowed = {"user": "guest", "configure": ".*", "write": ".*", "read": ".*"}
    names = ("/", *VHOSTS)
    return {
        "users": [{"name": "guest", "password": "guest", "tags": "administrator"}],
        "vhosts": [{"name": name} for name in names],
        "permissions": [{"vhost": name, **allowed} for name in names],
    }
