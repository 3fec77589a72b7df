"""What the page of `scoreboard dev` asks for: visitors play along, and nobody else is served."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from cli.playground.names import invent_players
from tests.cli.conftest import Playground

SEED = "0123456789abcdef0123456789abcdef"


async def _send(
    playground: Playground, method: str, path: str, *, origin: str = "", **options: Any
) -> tuple[int, Any]:
    """Status and body; as the page itself asks unless another origin is given."""
    headers = {"Origin": origin or playground.url, **options.pop("headers", {})}
    if origin == "none":
        del headers["Origin"]
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, playground.url + path, headers=headers, **options) as answer,
    ):
        return answer.status, await answer.json(content_type=None)


async def _welcome(playground: Playground, seed: str) -> Any:  # noqa: ANN401 - the document
    status, visitor = await _send(playground, "POST", "/dev/visitor", json={"seed": seed})
    assert status == 200, visitor
    return visitor


def _as(visitor: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {visitor['token']}"}


async def test_a_visitor_earns_what_was_granted_to_him_as_everybody_does(
    playground: Playground,
) -> None:
    visitor = await _welcome(playground, uuid.uuid4().hex)
    status, granted = await _send(
        playground, "POST", "/dev/grant", json={"board": "main"}, headers=_as(visitor)
    )
    assert (status, set(granted)) == (201, {"actionToken", "nonce", "expiresAt"})
    increment: dict[str, Any] = {
        "headers": {**_as(visitor), "X-Action-Nonce": granted["nonce"]},
        "json": {
            "userId": visitor["userId"],
            "delta": 25,
            "actionToken": granted["actionToken"],
        },
    }
    status, receipt = await _send(playground, "POST", "/scores/increment", **increment)
    assert (status, receipt["score"]) == (200, 25)
    status, problem = await _send(playground, "POST", "/scores/increment", **increment)
    assert (status, problem["code"]) == (400, "nonce_reused")


async def test_whoever_keeps_his_seed_is_the_same_visitor_again(playground: Playground) -> None:
    first, again = [await _welcome(playground, SEED) for _ in range(2)]
    assert (first["userId"], first["name"]) == (again["userId"], again["name"])
    assert (await _welcome(playground, SEED[::-1]))["userId"] != first["userId"]


async def test_a_visitors_token_grants_nothing_by_itself(playground: Playground) -> None:
    visitor = await _welcome(playground, SEED)
    action = {"userId": visitor["userId"], "action": "win", "delta": 1000}
    status, problem = await _send(playground, "POST", "/actions", json=action, headers=_as(visitor))
    assert (status, problem["code"]) == (403, "insufficient_scope")


async def test_names_are_told_of_players_and_of_visitors(playground: Playground) -> None:
    visitor, (player,) = await _welcome(playground, SEED), invent_players(1)
    path = f"/dev/names?ids={player.user_id},{visitor['userId']}"
    status, names = await _send(playground, "GET", path)
    assert status == 200
    assert names == {player.user_id: player.name, visitor["userId"]: visitor["name"]}
    assert (await _send(playground, "GET", "/dev/names?ids=nobody"))[0] == 400


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "none", "http://localhost:1", "https://{host}"]
)
@pytest.mark.parametrize("path", ["/dev/visitor", "/dev/grant"])
async def test_no_other_page_is_served(playground: Playground, path: str, origin: str) -> None:
    origin = origin.replace("{host}", urlsplit(playground.url).netloc)
    status, problem = await _send(playground, "POST", path, origin=origin, json={"seed": SEED})
    assert (status, problem["code"]) == (403, "policy_denied")


async def test_no_page_is_served_whose_name_was_made_to_lead_here(playground: Playground) -> None:
    host = f"evil.example:{urlsplit(playground.url).port}"
    status, problem = await _send(
        playground,
        "POST",
        "/dev/visitor",
        origin=f"http://{host}",
        headers={"Host": host},
        json={"seed": SEED},
    )
    assert (status, problem["code"]) == (403, "policy_denied")


async def test_what_a_form_of_another_page_could_send_is_refused(playground: Playground) -> None:
    status, problem = await _send(
        playground,
        "POST",
        "/dev/visitor",
        data=f'{{"seed":"{SEED}"}}',
        headers={"Content-Type": "text/plain"},
    )
    assert (status, problem["code"]) == (400, "invalid_payload")


@pytest.mark.parametrize("body", [{}, {"seed": "short"}, {"seed": SEED, "userId": "me"}])
async def test_a_visitor_without_a_secret_is_refused(
    playground: Playground, body: dict[str, str]
) -> None:
    status, problem = await _send(playground, "POST", "/dev/visitor", json=body)
    assert (status, problem["code"]) == (400, "invalid_payload")


async def test_a_grant_needs_a_visitors_token(playground: Playground) -> None:
    status, problem = await _send(playground, "POST", "/dev/grant", json={})
    assert (status, problem["code"]) == (401, "auth_required")


async def test_the_page_offers_points(playground: Playground) -> None:
    async with aiohttp.ClientSession() as session, session.get(playground.url) as page:
        assert 'name="scoreboard-mode" content="dev"' in await page.text()
