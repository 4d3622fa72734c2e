"""Customers found by staff, and the portal links made for them."""

from datetime import timedelta

import pytest

from portal_app.db import loading
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.db.loading import NewCustomer
from portal_app.domain.audit import Action
from portal_app.domain.errors import LinkInvalid, NotFound, NotGranted
from portal_app.gateways import clock
from portal_app.services import actors, customers, links
from portal_app.services.actors import Actor
from tests.company import NOW, World, actor, add_person, entered


@pytest.fixture
def manager(world: World) -> Actor:
    add_person(world.company, "manager")
    return actor("manager")


def add(world: World, name: str, code: str, tax_id: str = "", email: str = "") -> None:
    with transaction() as session:
        loading.add_customer(
            session,
            world.company,
            NewCustomer(
                code=code,
                name=name,
                tax_id=tax_id,
                email=email,
                **dict.fromkeys(("phone", "street", "district", "city", "state", "postcode"), ""),
            ),
        )


def found(asker: Actor, typed: str) -> list[str]:
    return [each.name for each in customers.find(asker, typed).rows]


@pytest.mark.parametrize(
    "typed",
    ["conceicao", "CONCEIÇÃO", "ção  d'ÁVILA", "C-77", "11144477735", "111.444.777-35", "cd@x.ex"],
)
def test_a_customer_is_found_by_name_code_tax_id_or_email(world: World, typed: str) -> None:
    add(world, "Conceição d'Ávila", "C-77", "11144477735", "cd@x.example")

    assert found(actor("staff"), typed) == ["Conceição d'Ávila"]


def test_a_customer_is_found_by_his_contract_and_by_who_signs_in_for_him(world: World) -> None:
    staff = actor("staff")

    assert found(staff, "10486") == ["Bia"]
    assert found(staff, "bia@example") == ["Bia"]


@pytest.mark.parametrize("typed", ["%", "_", "1002003016", "0020030169", "'", "rui", "234567813"])
def test_parts_of_tax_ids_wildcards_and_other_companies_find_nobody(
    world: World, typed: str
) -> None:
    assert found(actor("staff"), typed) == []


def test_fifty_on_a_page_by_name(world: World) -> None:
    for number in range(60):
        add(world, f"Zé {number:02}", f"Z{number}")
    staff = actor("staff")

    first, second = customers.find(staff, "ze"), customers.find(staff, "ze", 1)

    assert (len(first.rows), first.has_next) == (50, True)
    assert (len(second.rows), second.has_next) == (10, False)
    assert first.rows[-1].name < second.rows[0].name
    assert found(staff, "")[:2] == ["Ana", "Bia"]
    assert customers.find(staff, "ze", -5).page == 0


def test_a_page_has_an_address_nobody_guesses(world: World, manager: Actor) -> None:
    (ana,) = customers.find(manager, "Ana").rows

    record = customers.record(manager, ana.public_id)

    assert record.customer.name == "Ana"
    assert [each.number for each in record.contracts] == ["10482", "10483", "10484", "10485"]
    for wrong in (str(world.customers["ana"]), "10020030169", "", "x" * 400):
        with pytest.raises(NotFound):
            customers.record(manager, wrong)


def test_customers_look_for_nobody(world: World, manager: Actor) -> None:
    (ana,) = customers.find(manager, "Ana").rows

    for asker in (actor("ana"), actor("rui")):
        with pytest.raises(NotGranted):
            customers.find(asker, "Ana")
        with pytest.raises(NotGranted):
            customers.record(asker, ana.public_id)
        with pytest.raises(NotGranted):
            customers.make_link(asker, ana.public_id)


def test_staff_make_a_link_see_it_opened_and_revoke_it(world: World, manager: Actor) -> None:
    (ana,) = customers.find(manager, "Ana").rows
    token = customers.make_link(manager, ana.public_id).rpartition("/l/")[2]
    with clock.fixed_at(NOW + timedelta(minutes=5)):
        opened = links.open_(token).token
    (made,) = customers.list_links(manager, ana.public_id)
    assert (made.opened, made.opened_at) == (1, NOW + timedelta(minutes=5))
    assert made.expires_at == NOW + timedelta(days=30)

    customers.revoke_link(manager, ana.public_id, made.id)
    customers.revoke_link(manager, ana.public_id, made.id)

    assert actors.actor_of(opened) is None
    with pytest.raises(LinkInvalid):
        links.open_(token)
    entries = entered(world.company, Wanted(about=f"link:{made.id}"))
    said = [Action(each.action) for each in entries]
    assert said == [Action.LINK_REVOKED, Action.LINK_OPENED, Action.LINK_MADE]
    assert {each.customer for each in entries} == {world.customers["ana"]}


def test_a_link_is_revoked_only_on_its_own_customer_s_page(world: World, manager: Actor) -> None:
    (ana,), (bia,) = customers.find(manager, "Ana").rows, customers.find(manager, "Bia").rows
    token = customers.make_link(manager, ana.public_id).rpartition("/l/")[2]
    (made,) = customers.list_links(manager, ana.public_id)
    add_person(world.other_company, "boss")

    with pytest.raises(NotFound):
        customers.revoke_link(manager, bia.public_id, made.id)
    with pytest.raises(NotFound):
        customers.revoke_link(actor("boss"), ana.public_id, made.id)

    assert links.open_(token).token
    assert customers.list_links(manager, bia.public_id) == []
