"""Requests made from the description, right and wrong ones, against a running instance."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from scoreboard.domain.identifiers import BoardId
from tests.harness import Backends, Scoreboard, new_user
from tests.web.description import DOCUMENT, operations
from tests.web.support import query

EXAMPLES = 15
"""Of each operation; all of them together take some ten seconds."""

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _fuzz(operation: Any, mode: schemathesis.GenerationMode, url: str, bearer: str) -> int:  # noqa: ANN401 - its type takes parameters of its own
    """Sends examples of one operation; how many. Raises where an answer is not as described."""
    sent = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,  # the machine may be busy
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case[Any]) -> None:
        nonlocal sent
        sent += 1
        headers = {"Authorization": f"Bearer {bearer}"}
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

    send()
    return sent


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
async def test_whatever_is_sent_the_answer_is_as_described_and_no_server_error(
    scoreboard: Scoreboard, backends: Backends, arena: BoardId, mode: schemathesis.GenerationMode
) -> None:
    assert arena
    every_scope = ("scores:write", "scores:bonus", "actions:grant", "moderator")
    bearer = scoreboard.bearer(new_user(), *every_scope)
    described = schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    found = [each.ok() for each in described if isinstance(each, Ok)]
    assert len(found) == len(operations())
    for operation in found:
        # In a thread: the client blocks, and the instance runs on this loop.
        await asyncio.to_thread(_fuzz, operation, mode, scoreboard.url, bearer)
    # Nothing but what a moderator may do, to users whom nobody knows: give points.
    kinds = await query(backends.database_url, "SELECT DISTINCT source FROM score_events")
    assert [each["source"] for each in kinds] in ([], ["bonus"], ["bonus", "correction"])
    unearned = await query(backends.database_url, "SELECT FROM score_events WHERE act_id IS NULL")
    assert unearned == []
