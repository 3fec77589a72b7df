"""POST /scores/increment, where it is applied."""

from __future__ import annotations

from scoreboard.domain.identifiers import BoardId
from tests.harness import Backends, Scoreboard, new_user
from tests.web.support import Draft, query, rows


async def test_an_applied_increment_leaves_one_event_one_nonce_and_one_total(
    scoreboard: Scoreboard, backends: Backends
) -> None:
    draft = Draft(scoreboard)
    assert (await draft.send()).body == {"score": 5, "rank": 1}
    kept = await rows(backends.database_url)
    assert (kept["score_events"], kept["action_nonces"], kept["user_scores"]) == (1, 1, 1)
    event = (await query(backends.database_url, "SELECT * FROM score_events"))[0]
    assert (str(event["user_id"]), event["delta"], event["source"]) == (draft.user_id, 5, "win")
    assert event["token"] == draft.granted.token.encode()


async def test_an_answer_tells_version_and_type_and_is_kept_by_no_cache(
    scoreboard: Scoreboard,
) -> None:
    headers = (await scoreboard.increment(new_user())).headers
    assert headers["ETag"] == '"1"'
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"


async def test_a_user_id_in_upper_case_is_the_same_user(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard)
    draft.body["userId"] = draft.user_id.upper()
    assert (await draft.send()).status == 200
    assert (await scoreboard.increment(draft.user_id, 1)).body["score"] == 6


async def test_a_bearer_and_an_action_in_upper_case_are_the_same_user(
    scoreboard: Scoreboard,
) -> None:
    draft = Draft(scoreboard)
    draft.grant["user_id"] = draft.user_id.upper()
    draft.headers["Authorization"] = f"Bearer {scoreboard.bearer(draft.user_id.upper())}"
    assert (await draft.send()).status == 200


async def test_boards_have_scores_of_their_own(scoreboard: Scoreboard, arena: BoardId) -> None:
    user_id = new_user()
    assert (await scoreboard.increment(user_id, 7)).body["score"] == 7
    assert (await scoreboard.increment(user_id, 9, board_id=arena)).body["score"] == 9


async def test_the_plain_address_is_that_of_the_main_board(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard, path="/boards/main/scores/increment")
    assert (await draft.send()).status == 200
    standing = await scoreboard.get(f"/scores/{draft.user_id}")
    assert standing.body["score"] == 5


async def test_an_unknown_board_is_not_found(scoreboard: Scoreboard) -> None:
    answer = await Draft(scoreboard, board_id=BoardId("nowhere")).send()
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_moderator_redeems_for_another_user(scoreboard: Scoreboard) -> None:
    bonus = scoreboard.bearer("moderator", "scores:bonus")
    assert (await scoreboard.increment(new_user(), 5, bearer=bonus)).status == 200


async def test_a_moderator_alone_subtracts(scoreboard: Scoreboard) -> None:
    user_id = new_user()
    refused = await scoreboard.increment(user_id, -5)
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    bonus = scoreboard.bearer("moderator", "scores:bonus")
    assert (await scoreboard.increment(user_id, -5, bearer=bonus)).body["score"] == -5


async def test_members_in_any_order_and_spacing_are_one_body(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard)
    draft.raw = (
        f' {{ "actionToken" :\n"{draft.granted.token}",\t"delta":5, "userId":"{draft.user_id}" }}\n'
    ).encode()
    assert (await draft.send()).status == 200


async def test_a_body_that_names_its_charset_is_accepted(scoreboard: Scoreboard) -> None:
    draft = Draft(scoreboard, headers={"Content-Type": "Application/JSON; charset=UTF-8"})
    assert (await draft.send()).status == 200
