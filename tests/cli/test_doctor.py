"""`scoreboard doctor`: settings, keys, ports, and what people and scripts read."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli.doctor.edge import check_origins, check_port, check_proxies, edge_examination
from cli.doctor.keys import check_owner, keys_examination
from cli.doctor.machine import check_open_files
from cli.doctor.secrets import hiding
from cli.doctor.settings import read_settings
from cli.doctor.space import GIB, judge_space
from cli.doctor.tls import check_tls
from cli.doctor.verdicts import Finding
from scoreboard.auth.jwk import generate_keys
from scoreboard.auth.keys import add_keys, load_keys, retire_key, write_keys
from scoreboard.domain.claims import TokenClass
from scoreboard.settings import Settings, has_unescaped_password
from tests.cli.diagnosis import OK, PROBLEM, WARNING, look, told
from tests.cli.program import PROJECT, Result, ending, run, run_apart, started
from tests.cli.terminal import Terminal, on_terminal
from tests.harness import Backends, run_scoreboard

CANARY = "canary-of-1-url"
NOWHERE = {
    "SCOREBOARD_DATABASE_URL": f"postgresql://me:{CANARY}@127.0.0.1:1/board",
    "SCOREBOARD_REDIS_URL": f"redis://me:{CANARY}@127.0.0.1:1/0",
    "SCOREBOARD_AMQP_URL": f"amqp://me:{CANARY}@127.0.0.1:1/",
    "SCOREBOARD_PORT": "0",
    "SCOREBOARD_ADMIN_PORT": "0",
}
DAY_S = 86_400


@pytest.fixture
def healthy(backends: Backends) -> dict[str, str]:
    """Return the variables of an installation in which nothing runs yet."""
    assert backends.keys
    return {
        "SCOREBOARD_DATABASE_URL": backends.database_url,
        "SCOREBOARD_REDIS_URL": backends.redis_url,
        "SCOREBOARD_REDIS_PREFIX": backends.redis_prefix,
        "SCOREBOARD_KEYS_FILE": str(backends.keys_file),
        "SCOREBOARD_PORT": "0",
        "SCOREBOARD_ADMIN_PORT": "0",
        "SCOREBOARD_WEBSOCKET_MAX": "100",
    }


def test_a_healthy_installation_has_no_problem(healthy: dict[str, str], tmp_path: Path) -> None:
    shown = run("doctor", "--json", cwd=tmp_path, env=healthy)
    checks = shown.document["checks"]
    assert (shown.code, shown.document["ok"], shown.err) == (0, True, "")
    assert {each["name"] for each in checks if each["status"] != "ok"} <= {
        "leader",
        "standings",
        "disk",
        "database-space",
    }
    assert all(each.keys() == {"name", "status", "found", "remedy"} for each in checks)
    assert all((each["remedy"] is None) == (each["status"] == "ok") for each in checks)


def test_a_problem_fails_and_hides_nothing(healthy: dict[str, str], tmp_path: Path) -> None:
    env = {**healthy, "SCOREBOARD_REDIS_URL": "redis://127.0.0.1:1"}
    shown = run("doctor", "--json", cwd=tmp_path, env=env)
    assert (shown.code, shown.document["ok"]) == (1, False)
    found = {each["name"]: each for each in shown.document["checks"]}
    assert found["redis"]["status"] == "problem"
    assert found["rights"]["status"] == "ok"


def test_a_pipe_gets_neither_a_password_nor_colours(tmp_path: Path) -> None:
    plain = run_apart("doctor", cwd=tmp_path, env={**NOWHERE, "COLUMNS": "60"})
    scripted = run("doctor", "--json", cwd=tmp_path, env=NOWHERE)
    assert (plain.code, scripted.code) == (1, 1)
    assert (plain.err, scripted.err) == ("", "")
    assert CANARY not in plain.out + scripted.out
    assert "\x1b" not in plain.out
    wide = [line.strip() for line in plain.out.splitlines() if len(line) > 60]
    assert all(" " not in line.removeprefix("→ ") for line in wide)  # one word: a path
    servers = ("PostgreSQL at 127.0.0.1/board", "Redis at 127.0.0.1", "RabbitMQ at 127.0.0.1")
    assert all(f"{server} cannot be" in " ".join(plain.out.split()) for server in servers)


def test_every_wrong_setting_is_named_and_the_rest_is_examined(
    healthy: dict[str, str], tmp_path: Path
) -> None:
    env = {
        **healthy,
        "SCOREBOARD_PROT": "8080",
        "SCOREBOARD_LEASE_S": "-1",
        "SCOREBOARD_TLS_CERT": "cert.pem",
        "SCOREBOARD_NONCE_KEEP_S": "5",
        "SCOREBOARD_AMQP_URL": f"http://me:{CANARY}@mq",
    }
    shown = run("doctor", "--json", cwd=tmp_path, env=env)
    assert (shown.code, shown.document["ok"]) == (2, False)
    checks = shown.document["checks"]
    wrong = [each for each in checks if each["name"] == "settings"]
    assert {each["status"] for each in wrong} == {"problem"}
    for name in ("PROT", "LEASE_S", "TLS_CERT", "NONCE_KEEP_S", "AMQP_URL"):
        (one,) = (each for each in wrong if f"SCOREBOARD_{name} " in each["found"] + " ")
        assert one["remedy"]
    assert "Did you mean SCOREBOARD_PORT?" in next(
        each["remedy"] for each in wrong if "PROT" in each["found"]
    )
    assert {"name": "append-only", "status": "ok"}.items() <= next(
        each for each in checks if each["name"] == "append-only"
    ).items()
    assert CANARY not in shown.out


def test_nothing_set_is_told_as_such(tmp_path: Path) -> None:
    shown = run("doctor", cwd=tmp_path, env={"SCOREBOARD_PORT": "0", "SCOREBOARD_ADMIN_PORT": "0"})
    assert shown.code == 2
    text = " ".join(shown.out.split())
    assert "SCOREBOARD_DATABASE_URL must be" in text
    assert "SCOREBOARD_REDIS_URL must be" in text
    assert "scoreboard keys generate" in text


def test_a_password_that_must_be_escaped_is_told_and_not_shown(tmp_path: Path) -> None:
    env = {**NOWHERE, "SCOREBOARD_DATABASE_URL": "postgresql://me:can/ary@db/board"}
    shown = run("doctor", "--json", cwd=tmp_path, env=env)
    assert shown.code == 2
    assert "%2F" in shown.document["checks"][0]["remedy"]
    assert "ary" not in shown.out.replace("binary", "")


@pytest.mark.parametrize(
    ("url", "is_wrong"),
    [
        ("postgresql://me:secret@db/board", False),
        ("postgresql://me@db/board?host=/tmp/a@b", False),
        ("postgresql:///board?host=/tmp/a@b", False),
        ("unix:///tmp/a@b/redis.sock", False),
        ("redis://[::1]:6379/0", False),
        ("postgresql://me:a/b@db/board", True),
        ("redis://:a#b@cache", True),
        ("amqp://me:a?b@mq/", True),
        ("redis://:a[b@cache", True),
    ],
)
def test_passwords_that_would_look_like_hosts_are_noticed(url: str, is_wrong: bool) -> None:  # noqa: FBT001
    assert has_unescaped_password(url) == is_wrong


def test_passwords_are_hidden_as_written_and_unescaped() -> None:
    hide = hiding(["postgresql://me:a%40b@db/x?password=second", "unix:///s?password=third"])
    assert hide("a%40b a@b second third me db") == "… … … … me db"


def test_the_report_reads_well_on_a_narrow_terminal(
    healthy: dict[str, str], tmp_path: Path
) -> None:
    with on_terminal("doctor", cwd=tmp_path, env=healthy, size=(60, 120)) as terminal:
        text = terminal.read_to_end()
    lines = [line for line in text.splitlines() if line]
    assert any(line.startswith("ok       settings: ") for line in lines)
    assert any(line.startswith("warning  leader: ") for line in lines)
    assert any(line.startswith("         → ") for line in lines)
    assert re.fullmatch(r"\d+ checks: no problems, \d warnings?", lines[-1])
    assert colours_of(terminal, "ok") == {"green"}
    assert colours_of(terminal, "warning") == {"brown"}  # what terminals call yellow


def colours_of(terminal: Terminal, word: str) -> set[str]:
    """The colours in which lines that begin with the word begin."""
    rows = (number for number, line in enumerate(terminal.lines) if line.startswith(f"{word} "))
    return {terminal.screen.buffer[row][0].fg for row in rows}


def test_what_stands_behind_a_server_that_is_away_shares_a_line(tmp_path: Path) -> None:
    shown: Result = run("doctor", cwd=tmp_path, env=NOWHERE)
    text = " ".join(shown.out.split())
    assert "redis-role, redis-eviction, redis-memory," in text
    assert "standings: not examined → Mend redis first." in text


async def test_an_interruption_ends_it_while_servers_are_silent(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    env = {name: text.replace(":1/", f":{port}/") for name, text in NOWHERE.items()}
    with started("doctor", cwd=tmp_path, env=env) as process:
        await asyncio.wait_for(asked.wait(), 20)
        process.send_signal(signal.SIGINT)
        shown = await asyncio.to_thread(ending, process)
    silent.close()
    assert (shown.code, shown.out, shown.err) == (130, "", "Interrupted.\n")


async def test_a_key_file_that_others_may_read_is_found_and_its_remedy_mends_it(
    backends: Backends,
) -> None:
    assert backends.keys
    examination = keys_examination(backends.keys_file)
    assert told(await look(examination)) == {}
    backends.keys_file.chmod(0o640)
    found = await look(examination)
    assert found["key-file"].status is PROBLEM
    assert "0640" in found["key-file"].found
    await carry_out(found["key-file"])
    assert told(await look(examination)) == {}


async def test_a_folder_in_which_others_may_write_is_found_and_its_remedy_mends_it(
    backends: Backends,
) -> None:
    assert backends.keys
    examination = keys_examination(backends.keys_file)
    folder = backends.keys_file.parent
    folder.chmod(0o770)
    found = await look(examination)
    assert {name: each.status for name, each in told(found).items()} == {"key-folder": PROBLEM}
    await carry_out(found["key-folder"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert told(await look(examination)) == {}
    folder.chmod(0o755)
    assert (await look(examination))["key-folder"].status is WARNING


async def carry_out(finding: Finding) -> None:
    """The shell command of a remedy, between backquotes or by itself."""
    remedy = finding.remedy or ""
    command = re.search("`(.*)`", remedy)
    process = await asyncio.create_subprocess_shell(command[1] if command else remedy)
    assert await process.wait() == 0


async def test_a_missing_key_file_is_told_beside_its_folder(tmp_path: Path) -> None:
    found = await look(keys_examination(tmp_path / "keys.json"))
    assert found["key-file"].status is PROBLEM
    assert "scoreboard keys generate" in (found["key-file"].remedy or "")
    assert found["key-folder"].status is OK


async def test_each_class_needs_a_key_and_actions_one_that_signs(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    bearer, action = sorted(
        generate_keys("ed25519"), key=lambda key: key.token_class is TokenClass.ACTION
    )
    write_keys(path, [bearer])
    assert (await look(keys_examination(path)))["signing-keys"].status is PROBLEM
    add_keys(path, [action.without_secret()])
    found = (await look(keys_examination(path)))["signing-keys"]
    assert (found.status, "POST /actions" in found.found) == (WARNING, True)
    external = tmp_path / "external.json"
    write_keys(external, [bearer.without_secret(), action])
    found = (await look(keys_examination(external)))["signing-keys"]
    assert (found.status, "another issuer" in found.found) == (OK, True)


async def test_a_class_that_runs_out_of_keys_is_told_and_a_retired_key_is_not(
    backends: Backends,
) -> None:
    path = backends.keys_file
    soon_s = int(datetime.now(UTC).timestamp()) + DAY_S
    kid = next(key.kid for key in backends.keys if key.token_class is TokenClass.ACTION)
    retire_key(path, kid, soon_s)
    found = (await look(keys_examination(path)))["key-expiry"]
    assert (found.status, "action" in found.found) == (WARNING, True)
    add_keys(path, generate_keys("hs256"))
    assert told(await look(keys_examination(path))) == {}
    assert len(load_keys(path)) == 4


def test_a_key_file_of_another_user_is_told_to_all_but_root(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.touch()
    mine = path.stat().st_uid
    assert check_owner(path, mine).status is OK
    assert check_owner(path, 0).status is OK
    if mine == 0:
        os.chown(path, 65534, -1)
    assert check_owner(path, 12345).status is WARNING


@asynccontextmanager
async def serving(body: str, status: int = 200) -> AsyncIterator[int]:
    """A port on which every address answers that."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, status=status)

    app = web.Application()
    app.router.add_get("/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that is bound and on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_an_instance_is_recognised_on_both_ports(backends: Backends) -> None:
    async with run_scoreboard(backends) as running:
        ports = [int(each.rpartition(":")[2]) for each in (running.url, running.service.admin_url)]
        settings = backends.settings(port=ports[0], admin_port=ports[1])
        found = await look(edge_examination(settings))
        assert told(found) == {} or found["port"].status is WARNING
        assert "an instance is ready" in found["port"].found
        assert "metrics" in found["admin-port"].found


PORTS = {
    "draining": ('{"status": "draining", "dependencies": {}}', 503, WARNING, "draining"),
    "redis-down": (
        '{"status": "ready", "dependencies": {"redis": "down", "bus": "up"}}',
        200,
        WARNING,
        "redis is down",
    ),
    "another-program": ("welcome", 200, PROBLEM, "no scoreboard"),
    "other-json": ("[]", 200, PROBLEM, "no scoreboard"),
}


@pytest.mark.parametrize(("body", "code", "status", "part"), PORTS.values(), ids=PORTS)
async def test_what_answers_on_the_port_is_told(
    body: str, code: int, status: str, part: str, backends: Backends
) -> None:
    async with serving(body, code) as port:
        found = await look(edge_examination(backends.settings(port=port, admin_port=port)))
    assert found["port"].status == status
    assert part in found["port"].found
    assert found["admin-port"].status is PROBLEM


async def test_what_a_stranger_answers_cannot_steer_the_terminal(
    healthy: dict[str, str], tmp_path: Path
) -> None:
    name = "\\u001b[2J\\u009b1A\\u202e\\u007f"
    async with serving(f'{{"status": "ready", "dependencies": {{"{name}": "down"}}}}') as port:
        env = {**healthy, "SCOREBOARD_PORT": str(port)}
        shown = await asyncio.to_thread(run_apart, "doctor", cwd=tmp_path, env=env)
    assert all(line.isprintable() for line in shown.out.split("\n"))
    assert r"\x1b[2J\x9b1A\u202e\x7f is down" in " ".join(shown.out.split())


async def test_a_port_is_free_or_taken(backends: Backends) -> None:
    with taken_port() as port:
        found = await look(edge_examination(backends.settings(port=port)))
        assert found["port"].status is PROBLEM
        assert "SCOREBOARD_PORT" in (found["port"].remedy or "")
    found = await look(edge_examination(backends.settings(port=port)))
    assert (found["port"].status, found["port"].found) == (
        OK,
        f"{port} is free: no instance serves here",
    )


class SilentResolver(asyncio.SelectorEventLoop):
    """An event loop on a machine whose name servers never answer."""

    async def getaddrinfo(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - as its parent's
        """Waits for ever."""
        await asyncio.Event().wait()


def test_name_servers_that_are_silent_hold_up_no_other_check(backends: Backends) -> None:
    settings = backends.settings(host="slow.example", port=8080)
    with asyncio.Runner(loop_factory=SilentResolver) as runner:
        verdict = runner.run(check_port(settings, 0.1))
    assert (verdict.status, verdict.found) == (
        PROBLEM,
        "no name server tells within 0.1 s what slow.example is",
    )
    assert "SCOREBOARD_HOST" in (verdict.remedy or "")


async def test_an_address_of_another_machine_is_told(backends: Backends) -> None:
    settings = backends.settings(host="192.0.2.1", port=8080)
    with socket.socket() as probe, pytest.raises(OSError, match="assign"):
        probe.bind(("192.0.2.1", 0))
    found = await look(edge_examination(settings))
    assert found["port"].status is PROBLEM


def certificate(folder: Path, begins_at: datetime, ends_at: datetime) -> tuple[Path, Path]:
    """Files with a certificate of its own and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins_at)
        .not_valid_after(ends_at)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


CERTIFICATES = {
    "valid": (-1, 90, OK),
    "over-soon": (-80, 10, WARNING),
    "over": (-90, -1, PROBLEM),
    "not-yet": (1, 90, PROBLEM),
}


@pytest.mark.parametrize(("begins", "ends", "status"), CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_certificate_is_judged_by_its_dates(
    begins: int, ends: int, status: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    files = certificate(tmp_path, now + timedelta(days=begins), now + timedelta(days=ends))
    assert check_tls(*files, now).status == status


async def test_a_key_that_everybody_can_read_is_found_and_its_remedy_mends_it(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    files = certificate(tmp_path, now, now + timedelta(days=90))
    files[1].chmod(0o644)
    verdict = check_tls(*files, now)
    assert verdict.status is PROBLEM
    await carry_out(Finding("tls", verdict.status, verdict.found, verdict.remedy))
    assert check_tls(*files, now).status is OK


def test_a_certificate_that_cannot_be_used_is_found(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    (tmp_path / "other").mkdir()
    cert, _ = certificate(tmp_path, now, now + timedelta(days=90))
    _, key = certificate(tmp_path / "other", now, now + timedelta(days=90))
    assert check_tls(cert, key, now).status is PROBLEM
    assert check_tls(cert, tmp_path / "missing.pem", now).status is PROBLEM
    cert.write_text("no certificate")
    assert check_tls(cert, key, now).status is PROBLEM
    assert check_tls(None, None, now).status is OK


@pytest.mark.parametrize(
    ("origins", "status"),
    [
        ((), OK),
        (("https://game.example", "http://localhost:3000"), OK),
        (("*",), WARNING),
        (("game.example",), PROBLEM),
        (("https://game.example/play",), PROBLEM),
    ],
    ids=["none", "named", "any", "no-scheme", "with-path"],
)
def test_origins_are_judged_by_what_browsers_send(origins: tuple[str, ...], status: str) -> None:
    assert check_origins(origins).status == status


def test_to_trust_everybody_as_a_proxy_is_a_problem(backends: Backends) -> None:
    settings = backends.settings()
    assert check_proxies(settings).status is OK
    for network, status in (("10.0.0.0/8", OK), ("0.0.0.0/0", PROBLEM), ("::/0", PROBLEM)):
        trusting = replace(settings, trusted_proxies=(ip_network(network),))
        assert check_proxies(trusting).status is status


def test_too_few_open_files_are_told_with_the_number_needed(backends: Backends) -> None:
    settings: Settings = backends.settings(websocket_max=12_000)
    few = check_open_files(1024, settings)
    assert few.status is WARNING
    needed = int(re.findall(r"\d+", few.remedy or "")[0])
    assert check_open_files(needed, settings).status is OK
    assert check_open_files(-1, settings).status is OK


@pytest.mark.parametrize(
    ("free", "total", "status"),
    [
        (30, 100, OK),
        (60, 2000, OK),
        (9, 100, WARNING),
        (0.5, 100, PROBLEM),
        (0.5, 1, OK),
    ],
    ids=["a-third", "little-of-much", "a-tenth", "nearly-nothing", "half-of-little"],
)
def test_free_space_is_judged_by_share_and_size(free: float, total: float, status: str) -> None:
    assert judge_space("/data", int(free * GIB), int(total * GIB)).status == status


def test_addresses_that_leave_all_to_their_defaults_are_examined(
    healthy: dict[str, str], tmp_path: Path
) -> None:
    defaults = {"SCOREBOARD_DATABASE_URL": "postgresql://", "SCOREBOARD_REDIS_URL": "redis://"}
    read = read_settings(defaults)
    assert (read.is_usable, read.has_database, read.has_redis) == (True, True, True)
    url = urlsplit(healthy["SCOREBOARD_DATABASE_URL"])
    query = dict(parse_qsl(url.query))
    env = {
        **healthy,
        "SCOREBOARD_DATABASE_URL": "postgresql://",
        "PGHOST": query.get("host", url.hostname or ""),
        "PGPORT": query.get("port", str(url.port or "")),
        "PGUSER": url.username or "",
        "PGDATABASE": url.path.strip("/"),
    }
    checks = run("doctor", "--json", cwd=tmp_path, env=env).document["checks"]
    found = {each["name"]: each["status"] for each in checks}
    assert (found["postgresql"], found["rights"]) == ("ok", "ok")


def test_addresses_that_are_missing_or_wrong_are_not_asked() -> None:
    for url in ("", "http://db/board", "postgresql://me:a/b@db/board"):
        read = read_settings({"SCOREBOARD_DATABASE_URL": url} if url else {})
        assert (read.is_usable, read.has_database, read.has_redis) == (False, False, False)


def test_settings_without_a_fault_are_read_once() -> None:
    read = read_settings({name: text for name, text in NOWHERE.items() if "AMQP" not in name})
    assert read.is_usable
    assert read.has_database
    assert read.has_redis


def test_the_how_to_explains_every_check(healthy: dict[str, str], tmp_path: Path) -> None:
    env = {**healthy, "SCOREBOARD_AMQP_URL": NOWHERE["SCOREBOARD_AMQP_URL"]}
    checks = run("doctor", "--json", cwd=tmp_path, env=env).document["checks"]
    page = (PROJECT / "docs" / "how-to" / "diagnose.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE))
    assert {each["name"] for each in checks} == explained
