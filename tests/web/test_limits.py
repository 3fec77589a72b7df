"""Overload and rate limits."""

from __future__ import annotations

import asyncio

from scoreboard.domain.identifiers import BoardId
from tests.harness import Backends, new_user, run_scoreboard
from tests.web.support import EMPTY, PATIENCE_S, Draft, connected, rows, totals_locked

SLOW = 0.001
"""Requests per second: what is used up does not come back within a test."""


async def test_more_requests_than_fit_are_overloaded_before_any_work(backends: Backends) -> None:
    async with run_scoreboard(backends, requests_max=1) as running:
        held = Draft(running)
        async with connected(running) as (reader, writer):
            # The server says 100 when it begins; this request then waits for its body.
            writer.write(held.text("Expect: 100-continue")[: -len(held.content())])
            await reader.readuntil(b"\r\n\r\n")
            answer = await Draft(running).send()
            assert (answer.status, answer.code) == (503, "overloaded")
            assert answer.headers["Retry-After"] == "1"
            assert (await running.get("/healthz")).status == 200
            assert await rows(backends.database_url) == EMPTY
            writer.write(held.content())
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        assert (await Draft(running).send()).status == 200


async def test_open_sockets_are_no_requests_at_work(backends: Backends) -> None:
    async with (
        run_scoreboard(backends, requests_max=1) as running,
        running.session.ws_connect(f"{running.url}/ws?view=top:10") as socket,
    ):
        await socket.receive(timeout=PATIENCE_S)
        assert (await running.increment(new_user())).status == 200


async def test_increments_beyond_the_queue_are_overloaded_and_leave_their_nonces(
    backends: Backends,
) -> None:
    async with run_scoreboard(backends, queue_max=1, batches_in_flight=1) as running:
        drafts = [Draft(running) for _ in range(3)]
        async with totals_locked(backends.database_url):
            sent = {asyncio.create_task(draft.send()): draft for draft in drafts}
            done, waiting = await asyncio.wait(
                sent, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED
            )
        refused = done.pop()
        assert (refused.result().status, refused.result().code) == (503, "overloaded")
        assert 200 in {each.status for each in await asyncio.gather(*waiting)}
        assert (await sent[refused].send()).status == 200


async def test_an_address_over_its_limit_is_told_when_to_come_back(backends: Backends) -> None:
    async with run_scoreboard(backends, rate_ip_burst=2, rate_ip_per_s=0.1) as running:
        for _ in range(2):
            assert (await running.get("/scores/top")).status == 200
        answer = await Draft(running).send()
    assert (answer.status, answer.code, answer.body["policy"]) == (429, "rate_limited", "ip")
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert answer.headers["RateLimit"] == f'"ip";r=0;t={answer.headers["Retry-After"]}'
    assert answer.headers["RateLimit-Policy"] == '"ip";q=2;w=20'
    assert await rows(backends.database_url) == EMPTY


async def test_who_is_over_the_limit_of_his_address_has_no_token_looked_at(
    backends: Backends,
) -> None:
    async with run_scoreboard(backends, rate_ip_burst=1, rate_ip_per_s=SLOW) as running:
        assert (await Draft(running).send()).status == 200
        spoilt = Draft(running, headers={"Authorization": "Bearer x.y.z"})
        for _ in range(3):
            answer = await spoilt.send()
            assert (answer.code, answer.body["policy"]) == ("rate_limited", "ip")
        assert "scoreboard_auth_failures_total{" not in await running.metrics()


async def test_an_increment_counts_once_for_its_address_and_once_for_its_user(
    backends: Backends,
) -> None:
    limits = {"rate_ip_burst": 4, "rate_user_burst": 2}
    slow = {"rate_ip_per_s": SLOW, "rate_user_per_s": SLOW}
    async with run_scoreboard(backends, **limits, **slow) as running:
        user_id = new_user()
        answers = [await Draft(running, user_id=user_id).send() for _ in range(5)]
    told = [(each.code, each.body.get("policy")) for each in answers[2:]]
    assert [each.status for each in answers[:2]] == [200, 200]
    assert told == [("rate_limited", "user")] * 2 + [("rate_limited", "ip")]


async def test_probes_are_never_limited(backends: Backends) -> None:
    async with run_scoreboard(backends, rate_ip_burst=1, rate_ip_per_s=SLOW) as running:
        for path in ("/healthz", "/readyz") * 3:
            assert (await running.get(path)).status == 200
        assert (await running.get("/scores/top")).status == 200


async def test_a_failed_attempt_weighs_more_than_a_request(backends: Backends) -> None:
    limits = {"rate_ip_burst": 12, "rate_ip_per_s": SLOW, "rate_ip_failure_cost": 10}
    async with run_scoreboard(backends, **limits) as running:
        spoilt = Draft(running, headers={"Authorization": "Bearer x.y.z"})
        assert (await spoilt.send()).code == "token_invalid"  # 1 for the request, 10 for it
        assert (await running.get("/scores/top")).status == 200
        assert (await running.get("/scores/top")).code == "rate_limited"


async def test_a_failed_attempt_weighs_its_whole_weight_when_little_remains(
    backends: Backends,
) -> None:
    limits = {"rate_ip_burst": 5, "rate_ip_per_s": SLOW, "rate_ip_failure_cost": 10}
    async with run_scoreboard(backends, **limits) as running:
        spoilt = Draft(running, headers={"Authorization": "Bearer x.y.z"})
        assert (await spoilt.send()).code == "token_invalid"
        assert (await running.get("/scores/top")).code == "rate_limited"


async def test_an_invalid_action_token_weighs_more_too(backends: Backends) -> None:
    limits = {"rate_ip_burst": 12, "rate_ip_per_s": SLOW, "rate_ip_failure_cost": 10}
    async with run_scoreboard(backends, **limits) as running:
        spoilt = Draft(running, body={"actionToken": "x.y.z"})
        assert (await spoilt.send()).code == "action_token_invalid"
        assert (await running.get("/scores/top")).status == 200
        assert (await running.get("/scores/top")).code == "rate_limited"


async def test_a_user_over_his_limit_is_told_so_and_keeps_his_nonce(
    backends: Backends, arena: BoardId
) -> None:
    limits = {"rate_user_burst": 1, "rate_user_per_s": SLOW}
    async with run_scoreboard(backends, **limits) as running:
        alice = new_user()
        assert (await running.increment(alice)).status == 200
        late = Draft(running, alice)
        answer = await late.send()
        assert (answer.status, answer.code, answer.body["policy"]) == (429, "rate_limited", "user")
        assert 1 <= int(answer.headers["Retry-After"]) <= 1000
        assert answer.headers["RateLimit-Policy"] == '"user";q=1;w=1000'
        assert (await Draft(running, alice, board_id=arena).send()).code == "rate_limited"
        assert (await running.increment(new_user())).status == 200
    assert (await rows(backends.database_url))["action_nonces"] == 2
    async with run_scoreboard(backends, rate_user_burst=2, rate_user_per_s=SLOW) as running:
        late.running = running
        assert (await late.send()).status == 200


async def test_whoever_waits_for_retry_after_is_admitted(backends: Backends) -> None:
    async with run_scoreboard(backends, rate_user_burst=1, rate_user_per_s=1.0) as running:
        alice = new_user()
        await running.increment(alice)
        late = Draft(running, alice)
        refused = await late.send()
        assert refused.code == "rate_limited"
        await asyncio.sleep(int(refused.headers["Retry-After"]))  # the limit is one of time
        assert (await late.send()).status == 200
