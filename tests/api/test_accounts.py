"""Choosing a customer over HTTP: one's own, from our own pages, into a session of its own."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie

import httpx
import pytest

from portal_app.api.app import build
from portal_app.db import users
from portal_app.db.engine import transaction
from portal_app.db.users import Member
from portal_app.domain.grants import MemberKind
from portal_app.services import access, actors
from tests.company import World, sign_in
from tests.company import world as world

OURS = {"origin": "http://portal", "sec-fetch-site": "same-origin"}


@pytest.fixture
def token(world: World) -> str:
    """Bia acts for Ana too, and has not chosen yet."""
    with transaction() as session:
        bia = users.by_login(session, "bia@example.com")
        assert bia is not None
        member = Member(world.customers["ana"], MemberKind.MEMBER, None)
        users.put_member(session, world.company, bia.id, member)
    return sign_in("bia")


def choose(token: str, customer: object, headers: dict[str, str] = OURS) -> httpx.Response:
    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app=build())
        cookies = {access.session_cookie(): token} if token else None
        async with httpx.AsyncClient(
            transport=transport, base_url="http://portal", cookies=cookies
        ) as client:
            return await client.post("/auth/account", data={"customer": customer}, headers=headers)

    return asyncio.run(post())


def test_a_choice_is_a_new_session_in_place_of_the_old(world: World, token: str) -> None:
    answer = choose(token, world.customers["ana"])

    # Read from the header: by the real clock the cookie, made by the tests' one, is too old.
    cookies = SimpleCookie(answer.headers["set-cookie"])
    chosen = actors.actor_of(cookies[access.session_cookie()].value)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert chosen is not None
    assert chosen.customer == world.customers["ana"]
    assert actors.actor_of(token) is None


def test_somebody_else_s_customer_is_not_there_and_the_session_stays(
    world: World, token: str
) -> None:
    for wrong in (world.customers["rui"], 10**6):
        assert choose(token, wrong).status_code == 404
    for wrong in ("", "x", 0, -1, 2**40):
        assert choose(token, wrong).status_code == 422
    assert actors.actor_of(token) is not None


def test_nobody_and_the_company_s_own_people_choose_none(world: World) -> None:
    assert choose("", world.customers["ana"]).headers["location"] == "/sign-in"
    assert choose(sign_in("staff"), world.customers["ana"]).status_code == 404


def test_another_site_chooses_nothing(world: World, token: str) -> None:
    foreign = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}

    assert choose(token, world.customers["ana"], foreign).status_code == 403
    assert actors.actor_of(token) is not None
