"""The kinds of address under which a bus finds its server."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scoreboard.bus.protocol import Bus
from scoreboard.bus.rabbitmq import RabbitMQBus
from scoreboard.bus.redis import RedisBus
from tests.bus.conftest import running, through
from tests.bus.examples import view
from tests.bus.proxy import Proxy


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with a key and a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """Return what a server that speaks TLS needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def assert_carries(bus: Bus) -> None:
    """Send a view to oneself."""
    async with running(bus) as inbox:
        await bus.publish_view(view(1))
        assert await inbox.next_view() == view(1)


async def test_redis_is_found_by_tls(
    redis_url: str, redis_prefix: str, certificate: Path, tls: ssl.SSLContext
) -> None:
    async with Proxy(redis_url, tls=tls) as proxy:
        url = through(proxy, redis_url, "rediss")
        await assert_carries(RedisBus(f"{url}?ssl_ca_certs={certificate}", redis_prefix))


async def test_redis_is_found_by_a_unix_socket(
    redis_url: str, redis_prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "redis.sock"
    async with Proxy(redis_url, path=path):
        await assert_carries(RedisBus(f"unix://{path}", redis_prefix))


async def test_rabbitmq_is_found_by_tls(
    amqp_url: str, certificate: Path, tls: ssl.SSLContext
) -> None:
    async with Proxy(amqp_url, tls=tls) as proxy:
        url = through(proxy, amqp_url, "amqps")
        await assert_carries(RabbitMQBus(f"{url}?cafile={certificate}"))
