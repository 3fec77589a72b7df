"""A nonce is consumed once; whoever lost his answer can ask again. Versions, and expiry."""

from __future__ import annotations

import asyncio
import time

import pytest

from scoreboard.auth.tokens import ActionClaims, sign
from scoreboard.domain.claims import TokenClass
from scoreboard.domain.identifiers import Nonce, UserId
from tests.harness import Backends, Scoreboard, new_user, run_scoreboard
from tests.web.support import Draft, query, rows


async def test_the_same_token_again_is_told_what_became_of_it(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    assert (await draft.send()).status == 200
    await scoreboard.increment(draft.user_id, 10)
    await scoreboard.increment(new_user(), 100)
    event = (await query(backends.database_url, "SELECT min(event_id) FROM score_events"))[0]
    again = await draft.send()
    assert (again.status, again.code) == (400, "nonce_reused")
    told = {name: again.body[name] for name in ("applied", "score", "version", "eventId", "rank")}
    # Score, version and event as stored then; the rank as it is now.
    assert told == {"applied": True, "score": 5, "version": 1, "eventId": event[0], "rank": 2}


async def test_the_same_token_a_second_time_adds_nothing(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    await draft.send()
    before = await rows(backends.database_url)
    await draft.send()
    after = await rows(backends.database_url)
    assert (after["score_events"], after["action_nonces"]) == (1, 1)
    assert before["user_scores"] == after["user_scores"] == 1
    assert (await scoreboard.get(f"/scores/{draft.user_id}")).body["score"] == 5


async def test_one_token_sent_20_times_at_once_is_applied_once(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard)
    draft.headers["X-Action-Nonce"] = draft.granted.nonce
    answers = await asyncio.gather(*(draft.send() for _ in range(20)))
    assert sorted(each.status for each in answers) == [200] + [400] * 19
    told = [each.body for each in answers if each.status == 400]
    assert {(each["applied"], each["score"], each["version"]) for each in told} == {(True, 5, 1)}


def _token_with(backends: Backends, user_id: UserId, nonce: Nonce, act: str) -> str:
    now = int(time.time())
    claims = ActionClaims(
        iss="scoreboard",
        sub=user_id,
        aud=TokenClass.ACTION.audience,
        iat=now,
        nbf=now,
        exp=now + 60,
        jti=nonce,
        delta=5,
        board="main",
        act=act,
    )
    return sign(claims, backends.keys.signing_key(TokenClass.ACTION, now))


async def test_another_token_with_a_consumed_nonce_is_told_nothing(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    await draft.send()
    draft.body["actionToken"] = _token_with(
        backends, draft.user_id, draft.granted.nonce, "another-action"
    )
    answer = await draft.send()
    assert (answer.status, answer.code, answer.body["applied"]) == (400, "nonce_reused", False)
    assert not {"score", "version", "eventId", "rank"} & set(answer.body)


async def test_another_users_token_with_a_consumed_nonce_is_told_nothing(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    first, second = Draft(scoreboard), Draft(scoreboard)
    await first.send()
    nonce = first.granted.nonce
    second.body["actionToken"] = _token_with(backends, second.user_id, nonce, "win")
    second.headers["X-Action-Nonce"] = nonce
    answer = await second.send()
    assert (answer.code, answer.body["applied"]) == ("nonce_reused", False)
    assert (await scoreboard.get(f"/scores/{second.user_id}")).status == 404


async def test_a_token_with_padding_appended_is_no_second_token(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard)
    await draft.send()
    draft.body["actionToken"] = draft.granted.token + "="
    assert (await draft.send()).code in {"action_token_invalid", "nonce_reused"}
    assert (await scoreboard.get(f"/scores/{draft.user_id}")).body["score"] == 5


async def test_an_applied_token_is_looked_up_after_its_expiry(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard, grant={"life_s": 2})
    assert (await draft.send()).status == 200
    # Nothing announces that a second has begun: only time itself can be waited for.
    await asyncio.sleep(draft.granted.expires_at_s - time.time() + 0.1)
    again = await draft.send()
    assert (again.code, again.body["applied"]) == ("nonce_reused", True)


async def test_an_expired_token_that_was_never_applied_stays_expired(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard, granted_s=120)
    for _ in range(2):
        answer = await draft.send()
        assert (answer.status, answer.code) == (403, "action_token_expired")
    assert (await rows(backends.database_url))["action_nonces"] == 0


async def test_a_consumed_nonce_stays_consumed_after_a_restart(backends: Backends) -> None:
    async with run_scoreboard(backends) as running:
        draft = Draft(running)
        assert (await draft.send()).status == 200
    async with run_scoreboard(backends) as running:
        draft.running = running
        again = await draft.send()
    assert (again.code, again.body["applied"]) == ("nonce_reused", True)


async def test_the_version_of_the_etag_is_taken_by_if_match(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    first = await scoreboard.increment(user_id, 1, headers={"If-Match": '"0"'})
    second = await scoreboard.increment(user_id, 1, headers={"If-Match": first.headers["ETag"]})
    standing = await scoreboard.get(f"/scores/{user_id}")
    assert standing.headers["ETag"] == second.headers["ETag"] == '"2"'


@pytest.mark.parametrize("stale", ['"0"', '"1"', '"3"', '"9999999999999999"'])
async def test_a_stale_version_is_a_conflict_that_names_the_present_one(
    scoreboard: Scoreboard, stale: str
) -> None:
    user_id = new_user()
    for _ in range(2):
        await scoreboard.increment(user_id, 1)
    answer = await scoreboard.increment(user_id, 1, headers={"If-Match": stale})
    assert (answer.status, answer.code, answer.body["version"]) == (409, "version_conflict", 2)


async def test_a_conflict_leaves_the_nonce_usable(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard, headers={"If-Match": '"1"'})
    conflict = await draft.send()
    assert (conflict.status, conflict.body["version"]) == (409, 0)
    assert set((await rows(backends.database_url)).values()) == {0}
    draft.headers["If-Match"] = f'"{conflict.body["version"]}"'
    assert (await draft.send()).status == 200


async def test_of_two_writers_upon_one_version_one_is_applied(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    await scoreboard.increment(user_id, 1)
    writers = (scoreboard.increment(user_id, 1, headers={"If-Match": '"1"'}) for _ in range(2))
    answers = await asyncio.gather(*writers)
    assert sorted(each.status for each in answers) == [200, 409]
