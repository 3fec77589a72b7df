"""The certificate that the public port shows."""

from __future__ import annotations

import shlex
import ssl
import stat
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from cli.doctor.verdicts import Verdict, ok, problem, warning

SOON = timedelta(days=14)


def check_tls(cert: Path | None, key: Path | None, now: datetime) -> Verdict:
    """Whether certificate and key fit, who can read the key, and how long the chain is valid."""
    if cert is None or key is None:
        return ok("not set: the port speaks plain HTTP, to be put behind a proxy")
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key, password=str)  # str: an empty one, instead of asking
        chain = x509.load_pem_x509_certificates(cert.read_bytes())
        mode = key.stat().st_mode
    except (OSError, ValueError) as error:  # what ssl raises is an OSError
        return problem(
            f"certificate and key cannot be used ({error})",
            "Correct SCOREBOARD_TLS_CERT and SCOREBOARD_TLS_KEY.",
        )
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        return problem(f"everybody can read {key}", f"chmod o= {shlex.quote(str(key))}")
    return _judge_dates(chain, now)


def _judge_dates(chain: list[x509.Certificate], now: datetime) -> Verdict:
    begins_at = max(each.not_valid_before_utc for each in chain)
    ends_at = min(each.not_valid_after_utc for each in chain)
    if begins_at > now:
        return problem(
            f"the certificate is not valid before {begins_at:%Y-%m-%d %H:%M} UTC",
            "Correct this machine's clock, or the certificate.",
        )
    if ends_at <= now:
        return problem(
            f"the certificate expired at {ends_at:%Y-%m-%d %H:%M} UTC",
            "Renew it, then restart the instances.",
        )
    found = f"the certificate is valid until {ends_at:%Y-%m-%d %H:%M} UTC"
    if ends_at < now + SOON:
        return warning(found, "Renew it, then restart the instances.")
    return ok(found)
