"""The one table of problems: code → status, and how a Refusal becomes a response."""

from __future__ import annotations

import math

import msgspec
from msgspec import Struct

from scoreboard.domain.errors import RateLimited, Refusal
from scoreboard.settings import Settings

STATUS_BY_CODE = {
    "overloaded": 503,
    "rate_limited": 429,
    "auth_required": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "invalid_payload": 400,
    "payload_too_large": 400,
    "unsupported_encoding": 400,
    "nonce_missing": 400,
    "nonce_invalid": 400,
    "action_token_missing": 400,
    "insufficient_scope": 403,
    "action_token_invalid": 403,
    "action_user_mismatch": 403,
    "action_delta_mismatch": 403,
    "action_nonce_mismatch": 403,
    "action_board_mismatch": 403,
    "policy_denied": 403,
    "nonce_reused": 400,
    "action_token_expired": 403,
    "user_suspended": 403,
    "score_limit": 400,
    "version_conflict": 409,
    "not_voidable": 409,
    "already_voided": 409,
    "not_voided": 409,
    "not_suspended": 409,
    "user_erased": 409,
    "idempotency_key_reused": 409,
    "window_too_large": 400,
    "confirmation_required": 409,
    "storage_unavailable": 503,
    "outcome_unknown": 503,
    "not_found": 404,
    "method_not_allowed": 405,
    "internal": 500,
}

HOUSE_HEADERS = {"X-Content-Type-Options": "nosniff", "Server": "scoreboard"}
"""Of every answer."""

UNAUTHORIZED = 401
AUTH_CODES = frozenset(
    code for code, status in STATUS_BY_CODE.items() if status == UNAUTHORIZED
) | frozenset({"action_token_invalid"})
"""Refusals that look like guessing: they weigh more against the sender's address."""


class Problem(Struct, frozen=True):
    """An answer that says no."""

    status: int
    headers: dict[str, str]
    body: bytes


def render_problem(refusal: Refusal, request_id: str) -> Problem:
    """The problem document of RFC 9457, with the headers that its code calls for."""
    status = STATUS_BY_CODE[refusal.code]
    document = {
        "type": f"urn:scoreboard:problem:{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": str(refusal),
        "code": refusal.code,
        "requestId": request_id,
        **refusal.members,
    }
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",  # caches may keep a 404 otherwise
        **_headers(refusal, status),
    }
    return Problem(status, headers, msgspec.json.encode(document))


def rate_policies(settings: Settings) -> dict[str, str]:
    """What `RateLimit-Policy` says of each policy: its quota `q`, and its window `w` in seconds."""
    return {
        "ip": _policy("ip", settings.rate_ip_burst, settings.rate_ip_per_s),
        "user": _policy("user", settings.rate_user_burst, settings.rate_user_per_s),
        "connections": f'"connections";q={settings.websocket_max_per_ip}',
    }


def _policy(name: str, burst: int, per_s: float) -> str:
    return f'"{name}";q={burst};w={max(1, math.ceil(burst / per_s))}'


def _headers(refusal: Refusal, status: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    if status == UNAUTHORIZED:
        error = "" if refusal.code == "auth_required" else ' error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="scoreboard"{"," if error else ""}{error}'
    if refusal.retry_after_s is not None:
        retry_after_s = max(1, math.ceil(refusal.retry_after_s))
        headers["Retry-After"] = str(retry_after_s)
        if isinstance(refusal, RateLimited):
            headers["RateLimit"] = f'"{refusal.policy}";r=0;t={retry_after_s}'
    return headers
