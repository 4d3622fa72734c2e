"""One's own sessions and links: seen and ended by their owner, found by nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import AuditEntryRow, MembershipRow
from portal_app.domain.errors import AssuranceTooLow, NotFound
from portal_app.gateways import clock
from portal_app.services import access, actors, links, own_sessions
from portal_app.services.access import From
from portal_app.services.actors import Actor
from tests.company import NOW, PASSWORD, World, actor, sign_in

ELSEWHERE = From("192.0.2.9", "Safari · iPhone")


def as_actor(token: str) -> Actor:
    found = actors.actor_of(token)
    assert found is not None
    return found


def link() -> str:
    return links.create("norte", "10020030169").rpartition("/l/")[2]


def actions() -> list[tuple[str, str]]:
    with transaction(write=False) as session:
        rows = session.execute(select(col(AuditEntryRow.action), col(AuditEntryRow.about)))
        return [(action, about) for action, about in rows]


@pytest.mark.usefixtures("world")
def test_one_sees_where_one_is_signed_in() -> None:
    ana = as_actor(sign_in("ana"))
    with clock.fixed_at(NOW + timedelta(minutes=1)):
        access.sign_in("ana@example.com", PASSWORD, ELSEWHERE)
        sign_in("bia")

        found = own_sessions.places(ana)

    assert [(each.device, each.address, each.is_here) for each in found] == [
        ("Safari · iPhone", "192.0.2.9", False),
        ("", "192.0.2.1", True),
    ]
    assert f"{found[0].began_at:%H:%M}" == "12:01"


@pytest.mark.usefixtures("world")
def test_what_nobody_used_for_too_long_is_no_place() -> None:
    sign_in("ana")
    with clock.fixed_at(NOW + timedelta(minutes=31)):
        ana = as_actor(sign_in("ana"))

        assert [each.id for each in own_sessions.places(ana)] == [ana.session]


@pytest.mark.usefixtures("world")
def test_ended_it_is_over_at_its_next_event() -> None:
    ana, there = as_actor(sign_in("ana")), sign_in("ana")

    own_sessions.end(ana, as_actor(there).session)

    assert actors.actor_of(there) is None
    assert ("session.ended", ana.subject) in actions()


@pytest.mark.usefixtures("world")
def test_nobody_ends_another_s_session() -> None:
    ana, token = actor("ana"), sign_in("bia")
    bia = as_actor(token)

    for session in (bia.session, 10_000):
        with pytest.raises(NotFound):
            own_sessions.end(ana, session)

    assert actors.actor_of(token) is not None


@pytest.mark.usefixtures("world")
def test_all_others_end_and_this_one_stays() -> None:
    here, others = sign_in("ana"), [sign_in("ana"), sign_in("ana")]
    bia = sign_in("bia")

    own_sessions.end_others(as_actor(here))

    assert [actors.actor_of(token) is None for token in (here, *others, bia)] == [
        *(False, True, True),
        False,
    ]


@pytest.mark.usefixtures("world")
def test_a_customer_s_people_see_and_end_his_links() -> None:
    token = link()
    opened = links.open_(token).token
    ana = actor("ana")
    (own,) = own_sessions.list_links(ana)

    own_sessions.revoke(ana, own.id)

    assert actors.actor_of(opened) is None
    assert own_sessions.list_links(ana) == ()
    assert ("link.revoked", f"link:{own.id}") in actions()
    with pytest.raises(NotFound):
        own_sessions.revoke(ana, own.id)


def test_nobody_ends_another_customer_s_link(world: World) -> None:
    link()
    (own,) = own_sessions.list_links(actor("ana"))

    for other in ("bia", "rui", "staff"):
        assert own_sessions.list_links(actor(other)) == ()
        with pytest.raises(NotFound):
            own_sessions.revoke(actor(other), own.id)
    assert world.company


@pytest.mark.usefixtures("world")
def test_an_accountant_sees_no_link_and_ends_none() -> None:
    link()
    (own,) = own_sessions.list_links(actor("ana"))
    with transaction() as session:
        session.execute(update(MembershipRow).values(kind="accountant"))
    ana = actor("ana")

    assert own_sessions.list_links(ana) == ()
    with pytest.raises(NotFound):
        own_sessions.revoke(ana, own.id)


@pytest.mark.usefixtures("world")
def test_a_link_has_no_sessions_of_its_own_to_look_at() -> None:
    reader = as_actor(links.open_(link()).token)

    for refused in (own_sessions.places, own_sessions.list_links, own_sessions.end_others):
        with pytest.raises(AssuranceTooLow):
            refused(reader)
