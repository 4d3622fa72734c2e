"""Seen as the customer sees it: whoever may, read only, entered, and the way back."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.api.app import build
from portal_app.db import loading, users
from portal_app.db.engine import transaction
from portal_app.db.loading import NewUser
from portal_app.db.models import AuditEntryRow, PortalUserRow, SelectionRow
from portal_app.domain.errors import NotGranted
from portal_app.domain.grants import READS, Role, StaffFeature
from portal_app.domain.payments import PaymentMethod
from portal_app.services import access, actors, documents, payments
from portal_app.services.access import Whose
from portal_app.services.actors import Actor
from tests.company import World, password_hash, sign_in
from tests.company import world as world


@pytest.fixture
def token(world: World) -> str:
    """A manager's session."""
    new = NewUser("boss@example.com", "Boss", password_hash(), Role.MANAGER)
    with transaction() as session:
        boss = loading.add_user(session, world.company, new)
        return access.open_session(session, world.company, Whose(user=boss), access.UNKNOWN).token


def post(token: str, path: str, **form: object) -> httpx.Response:
    return asyncio.run(_post(token, path, form, {}))


async def _post(
    token: str, path: str, form: dict[str, object], headers: dict[str, str]
) -> httpx.Response:
    transport = httpx.ASGITransport(app=build())
    cookies = {access.session_cookie(): token}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", cookies=cookies
    ) as client:
        return await client.post(path, data=form, headers=headers)


def present(token: str) -> Actor:
    found = actors.actor_of(token)
    assert found is not None
    return found


def viewing(token: str, customer: int) -> str:
    answer = post(token, "/auth/view", customer=customer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return new_token(answer)


def new_token(answer: httpx.Response) -> str:
    """The session a browser gets; by the clock of these tests it is over on this machine's."""
    jars = map(SimpleCookie, answer.headers.get_list("set-cookie"))
    return next(
        jar[access.session_cookie()].value for jar in jars if access.session_cookie() in jar
    )


def test_a_manager_sees_as_the_customer_sees_and_comes_back(world: World, token: str) -> None:
    seen = viewing(token, world.customers["ana"])

    asking = present(seen)
    assert actors.actor_of(token) is None
    assert (asking.viewing, asking.customer_name) == (True, "Ana")
    assert asking.features == READS
    assert documents.counts(asking).all > 0

    answer = post(seen, "/auth/view/end")

    assert (answer.status_code, answer.headers["location"]) == (303, "/manager/grants")
    back = present(new_token(answer))
    assert (back.viewing, back.customer) == (False, None)
    assert back.may(StaffFeature.MANAGE_GRANTS)
    assert actors.actor_of(seen) is None
    with transaction(write=False) as session:
        query = select(AuditEntryRow).order_by(col(AuditEntryRow.number))
        done = [(entry.action, entry.customer_id) for entry in session.scalars(query)]
    assert done[-2:] == [
        ("view.begun", world.customers["ana"]),
        ("view.ended", world.customers["ana"]),
    ]


def test_whoever_only_looks_writes_nothing(world: World, token: str) -> None:
    seen = viewing(token, world.customers["ana"])
    asking = present(seen)

    assert payments.methods(asking) == ()
    assert len(payments.quote(asking, world.three).items) == 3
    documents.save_selection(asking, world.three)
    with pytest.raises(NotGranted):
        payments.start(asking, world.three, PaymentMethod.PIX, payments.quote(asking, []).total)
    answer = post(seen, "/auth/language", language="en", back="/")

    assert answer.status_code == 303
    with transaction(write=False) as session:
        assert session.scalars(select(SelectionRow)).all() == []
        assert set(session.scalars(select(col(PortalUserRow.locale)))) == {""}


def test_nobody_else_may_look(world: World, token: str) -> None:
    ana = world.customers["ana"]

    for name in ("staff", "bia"):
        assert post(sign_in(name), "/auth/view", customer=ana).status_code == 404
    assert post("", "/auth/view", customer=ana).headers["location"] == "/sign-in"
    assert post(token, "/auth/view", customer=world.customers["rui"]).status_code == 404
    assert present(token).viewing is False


def test_who_is_not_looking_has_nothing_to_end(world: World, token: str) -> None:
    assert post(sign_in("ana"), "/auth/view/end").status_code == 404
    assert post(token, "/auth/view/end").status_code == 404


@pytest.mark.parametrize("path", ["/auth/view", "/auth/view/end"])
def test_another_site_cannot_make_somebody_look(world: World, token: str, path: str) -> None:
    form: dict[str, object] = {"customer": world.customers["ana"]}

    answer = asyncio.run(_post(token, path, form, {"sec-fetch-site": "cross-site"}))

    assert answer.status_code == 403


def test_a_disabled_manager_stops_looking_too(world: World, token: str) -> None:
    seen = viewing(token, world.customers["ana"])
    with transaction() as session:
        boss = users.by_login(session, "boss@example.com")
        assert boss is not None
        session.get_one(PortalUserRow, boss.id).active = False

    assert actors.actor_of(seen) is None
