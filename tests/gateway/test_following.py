"""Users whom clients follow: themselves, their neighbours, and anybody they name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scoreboard.domain.identifiers import UserId
from tests.gateway.events import EventClient, listen
from tests.gateway.service import PATIENCE_S, Client, Service, serve

ANN, BOB, CLEO, DAN = (UserId(f"0b0f6d7e-0000-4000-8000-00000000000{n}") for n in "abcd")
SOON_S = 0.05
QUIET_S = 0.3


@asynccontextmanager
async def following(**settings: Any) -> AsyncIterator[Service]:
    """A gateway that looks often, with three users on its board."""
    async with serve(personal_s=SOON_S, **settings) as service:
        service.people.scores = {ANN: 30, BOB: 20, CLEO: 10}
        yield service


async def authenticated(client: Client, user_id: UserId = BOB, life_s: int = 60) -> None:
    """The client has said who it is."""
    await client.send(type="authenticate", token=f"{user_id}~{life_s}")
    assert (await client.frame())["type"] == "authenticated"


async def next_look(service: Service) -> None:
    """Waits until the people have been looked at anew, and all are told."""
    looks = service.people.looks
    async with asyncio.timeout(PATIENCE_S):
        while service.people.looks < looks + 2:
            service.people.looked.clear()
            await service.people.looked.wait()


async def test_a_client_is_told_until_when_its_token_holds() -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="authenticate", token=f"{BOB}~60")
        assert await client.frame() == {
            "type": "authenticated",
            "userId": BOB,
            "expiresAt": "2023-11-14T22:14:20.000000Z",
        }


async def test_a_user_sees_his_own_place_and_learns_when_others_move_it() -> None:
    async with following() as service, service.connect() as client:
        await authenticated(client)
        await client.send(type="subscribe", view="me")
        me = {"type": "me", "board": "main", "userId": BOB}
        assert await client.frame() == {**me, "score": 20, "rank": 2, "of": 3, "version": 1}
        service.people.scores[CLEO] = 25
        assert await client.frame() == {**me, "score": 20, "rank": 3, "of": 3, "version": 1}


async def test_a_user_without_a_score_is_told_so_and_hears_of_his_first() -> None:
    async with following() as service, service.connect() as client:
        await authenticated(client, DAN)
        await client.send(type="subscribe", view="around:2")
        window = await client.frame()
        assert (window["entries"], window["of"]) == ([], 3)
        await client.send(type="unsubscribe", view="around:2")
        await client.send(type="subscribe", view="me")
        first = await client.frame()
        assert (first["score"], first["rank"], first["version"], first["of"]) == (
            None,
            None,
            None,
            3,
        )
        service.people.scores[DAN] = 1
        assert (await client.frame())["rank"] == 4


async def test_nothing_is_sent_while_nothing_changes() -> None:
    async with following() as service, service.connect() as client:
        await authenticated(client)
        for view in ("me", "around:1"):
            await client.send(type="subscribe", view=view)
            await client.frame()
        await client.send(type="subscribe", view="users", users=[ANN])
        await client.frame()
        await next_look(service)
        service.people.scores[DAN] = 1  # below all of them, outside of the window
        await next_look(service)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(QUIET_S):
                await client.frame()


async def test_a_user_sees_those_around_him() -> None:
    async with following() as service, service.connect() as client:
        await authenticated(client)
        await client.send(type="subscribe", view="around:1")
        frame = await client.frame()
        assert [each["userId"] for each in frame.pop("entries")] == [ANN, BOB, CLEO]
        assert frame == {
            "type": "around",
            "view": "around:1",
            "board": "main",
            "userId": BOB,
            "of": 3,
        }
        service.people.scores[DAN] = 15
        assert [each["userId"] for each in (await client.frame())["entries"]] == [ANN, BOB, DAN]


async def test_named_users_come_at_first_and_then_those_who_changed() -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="subscribe", view="users", users=[CLEO, DAN, ANN.upper(), ANN])
        first = await client.frame()
        assert (first["type"], first["view"]) == ("users", "users")
        assert {each["userId"]: each["rank"] for each in first["entries"]} == {ANN: 1, CLEO: 3}
        service.people.scores[CLEO] = 25
        second = await client.frame()
        assert second["entries"] == [{"userId": CLEO, "score": 25, "rank": 2}]


async def test_named_users_who_leave_the_board_are_told_and_come_back() -> None:
    query = f"view=users&users={ANN},{BOB},{DAN}"
    async with following() as service, service.connect() as client, listen(service, query) as sse:
        await client.send(type="subscribe", view="users", users=[ANN, BOB, DAN])
        await sse.event()  # when to come back

        async def told() -> list[dict[str, Any]]:
            return [await client.frame(), (await sse.event()).data]

        for first in await told():
            assert ([each["userId"] for each in first["entries"]], first["removed"]) == (
                [ANN, BOB],
                [DAN],
            )
        del service.people.scores[ANN]
        left = {"type": "users", "view": "users", "board": "main", "removed": [ANN]}
        risen = {"userId": BOB, "score": 20, "rank": 1}
        assert await told() == [{**left, "entries": [risen]}] * 2
        del service.people.scores[BOB]
        assert await told() == [{**left, "entries": [], "removed": [BOB]}] * 2
        service.people.scores[ANN] = 30
        back = {"userId": ANN, "score": 30, "rank": 1}
        for frame in await told():
            assert frame["entries"] == [back]
            assert "removed" not in frame


async def test_users_named_anew_replace_those_before() -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="subscribe", view="users", users=[ANN])
        await client.frame()
        await client.send(type="subscribe", view="users", users=[BOB])
        assert [each["userId"] for each in (await client.frame())["entries"]] == [BOB]
        service.people.scores[ANN] = 99
        await next_look(service)
        service.people.scores[BOB] = 21
        assert [each["userId"] for each in (await client.frame())["entries"]] == [BOB]


async def test_what_is_unsubscribed_is_sent_no_more() -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="subscribe", view="users", users=[ANN])
        await client.frame()
        await client.send(type="unsubscribe", view="users")
        await client.send(type="subscribe", view="users", board="other", users=[BOB])
        assert (await client.frame())["board"] == "other"
        service.people.scores[ANN] = 99
        await next_look(service)
        service.people.scores[BOB] = 21
        assert (await client.frame())["board"] == "other"


async def test_all_who_are_followed_are_looked_up_together() -> None:
    async with serve(personal_s=60, websocket_max_per_ip=50) as service:
        service.people.scores = {ANN: 1}
        async with service.connect() as client:
            await client.send(type="subscribe", view="users", users=[ANN])
            await client.frame()
            assert service.people.looks == 1
            await client.send(type="subscribe", view="users", board="other", users=[ANN, BOB])
            await client.frame()
            assert service.people.looks == 2  # a first answer does not wait for the next look


@pytest.mark.parametrize("view", ["me", "around:5"])
async def test_what_is_personal_needs_a_token(view: str) -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="subscribe", view=view)
        assert await client.frame() == {"type": "error", "code": "auth_required", "view": view}


@pytest.mark.parametrize(
    "message",
    [
        {"view": "users"},
        {"view": "users", "users": []},
        {"view": "users", "users": ["nobody"]},
        {"view": "users", "users": [ANN] * 101},
        {"view": "me", "users": [ANN]},
        {"view": "around:0"},
        {"view": "around:26"},
        {"view": "around"},
    ],
)
async def test_what_no_view_is_is_refused(message: dict[str, Any]) -> None:
    async with following() as service, service.connect() as client:
        await authenticated(client)
        await client.send(type="subscribe", **message)
        frame = await client.frame()
        assert (frame["type"], frame["code"]) == ("error", "invalid_payload")


async def test_a_token_that_is_not_valid_ends_the_connection_for_good() -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="authenticate", token="nonsense")  # noqa: S106 - none
        assert (await client.frame())["code"] == "token_invalid"
        assert await client.close_code() == 4500


async def test_a_token_of_another_user_ends_the_connection_for_good() -> None:
    async with following() as service, service.connect() as client:
        await authenticated(client)
        await client.send(type="authenticate", token=f"{ANN}~60")
        assert (await client.frame())["code"] == "token_invalid"
        assert await client.close_code() == 4500


async def test_an_expired_token_asks_the_client_back() -> None:
    async with following() as service, service.connect() as client:
        await client.send(type="authenticate", token=f"{BOB}~-1")
        assert (await client.frame())["code"] == "token_expired"
        assert await client.close_code() == 4003


async def test_a_connection_ends_with_its_token_unless_it_is_renewed() -> None:
    async with (
        following(websocket_ping_s=0.1) as service,
        service.connect() as renewed,
        service.connect() as left,
    ):
        await authenticated(renewed)
        await authenticated(left)
        await authenticated(renewed, life_s=600)
        service.now_s += 61
        assert await left.close_code() == 4003
        await renewed.send(type="subscribe", view="me")
        assert (await renewed.frame())["rank"] == 2


async def test_a_stream_shows_personal_views_to_whoever_sends_his_token() -> None:
    async with following(websocket_ping_s=0.1) as service:
        query = f"view=me&view=around:1&view=users&users={ANN},{CLEO}"
        token = f"Bearer {BOB}~60"
        async with listen(service, query, Authorization=token) as client:
            await client.event()
            told = [(await client.event()).data for _ in range(3)]
            assert {each["type"] for each in told} == {"me", "around", "users"}
            service.now_s += 61
            with pytest.raises(EOFError):
                await _read_to_the_end(client)
            assert service.metrics.sockets_closed.labels(code="4003")._value.get() == 1


async def _read_to_the_end(client: EventClient) -> None:
    while True:
        await client.event()


async def test_a_client_whose_people_cannot_be_looked_up_is_told_later() -> None:
    async with following() as service, service.connect() as client:
        service.people.is_down = True
        await client.send(type="subscribe", view="users", users=[ANN])
        await next_look(service)
        service.people.is_down = False
        assert [each["userId"] for each in (await client.frame())["entries"]] == [ANN]


async def test_a_client_that_has_gone_is_followed_no_more() -> None:
    async with following() as service:
        async with service.connect() as client:
            await client.send(type="subscribe", view="users", users=[ANN])
            await client.frame()
            (connection,) = service.connections()
        await service.gone(connection)
        assert not service.following._watches
