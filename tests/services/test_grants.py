"""The manager decides: what each level says, who may say it, and that nobody undoes it unseen."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.db import loading
from portal_app.db.engine import transaction
from portal_app.db.grants import Owner
from portal_app.db.loading import NewCustomer
from portal_app.db.models import AuditEntryRow, FeatureGrantRow
from portal_app.domain.customers import NO_GROUP, CustomerSearch, compact, folded
from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    GrantChangedMeanwhile,
    InvalidField,
    NameTaken,
    NotFound,
    NotGranted,
    TooManyCustomers,
)
from portal_app.domain.grants import IN_ORDER, Feature, Level, StaffFeature, Standing
from portal_app.services import actors, audit, grants
from portal_app.services.actors import Actor
from portal_app.services.grants import COMPANY, Row
from tests.company import World, actor, sign_in, together, user_of

ALL = CustomerSearch()
PRODUCT = Standing(True, Level.PRODUCT)


@pytest.fixture
def manager(world: World) -> Actor:
    return replace(actor("staff"), features=frozenset({StaffFeature.MANAGE_GRANTS}))


def of_customer(id_: int) -> Owner:
    return Owner(Level.CUSTOMER, id_)


def add(world: World, name: str, code: str, tax_id: str = "", email: str = "") -> int:
    nothing = dict.fromkeys(("phone", "street", "district", "city", "state", "postcode"), "")
    new = NewCustomer(code=code, name=name, tax_id=tax_id, email=email, **nothing)
    with transaction() as session:
        return loading.add_customer(session, world.company, new)


def how(manager: Actor, customer: int, feature: Feature) -> Standing:
    return at(row_of(manager, customer), feature)


def row_of(manager: Actor, customer: int) -> Row:
    rows = grants.matrix(manager, ALL).customers
    return next(row for row in rows if row.owner.id == customer)


def at(row: Row, feature: Feature) -> Standing:
    return row.standings[IN_ORDER.index(feature)]


def found(manager: Actor, text: str, group: int | None = None) -> list[str]:
    matrix = grants.matrix(manager, CustomerSearch(text, group))
    return [row.name for row in matrix.customers]


def entries(action: str = "grant.changed") -> list[AuditEntryRow]:
    with transaction(write=False) as session:
        query = select(AuditEntryRow).where(col(AuditEntryRow.action) == action)
        return list(session.scalars(query.order_by(col(AuditEntryRow.number))))


def test_the_matrix_says_for_each_feature_whether_and_by_which_level(
    world: World, manager: Actor
) -> None:
    ana, bia = world.customers["ana"], world.customers["bia"]
    firms = grants.add_group(manager, "Empresas")
    grants.move(manager, [ana], firms)
    grants.set_grant(manager, COMPANY, Feature.EMAIL, False, shown=None)
    grants.set_grant(manager, Owner(Level.GROUP, firms), Feature.EMAIL, True, shown=None)
    grants.set_grant(manager, of_customer(ana), Feature.ANALYSIS, False, shown=None)

    matrix = grants.matrix(manager, ALL)

    assert at(matrix.company, Feature.EMAIL) == Standing(False, Level.COMPANY)
    assert at(matrix.company, Feature.PRINT) == PRODUCT
    (group,) = matrix.groups
    assert (group.name, at(group, Feature.EMAIL)) == ("Empresas", Standing(True, Level.GROUP))
    assert how(manager, ana, Feature.EMAIL) == Standing(True, Level.GROUP)
    assert how(manager, bia, Feature.EMAIL) == Standing(False, Level.COMPANY)
    assert how(manager, ana, Feature.ANALYSIS) == Standing(False, Level.CUSTOMER)
    assert row_of(manager, ana).given == {Feature.ANALYSIS.value: False}
    assert row_of(manager, ana).above[IN_ORDER.index(Feature.ANALYSIS)] == PRODUCT
    assert row_of(manager, ana).group == firms


def test_a_matrix_is_of_one_company_only(world: World, manager: Actor) -> None:
    assert [row.name for row in grants.matrix(manager, ALL).customers] == ["Ana", "Bia"]
    for stranger in (
        of_customer(world.customers["rui"]),
        Owner(Level.GROUP, 77),
        Owner(Level.USER, actor("staff").user),
    ):
        with pytest.raises(NotFound):
            grants.set_grant(manager, stranger, Feature.ANALYSIS, False, shown=None)
    with pytest.raises(NotFound):
        grants.set_many(manager, [world.customers["rui"]], Feature.ANALYSIS, False)


def test_fifty_customers_a_page_by_name(world: World, manager: Actor) -> None:
    for number in range(60):
        add(world, f"Cliente {number:02}", f"c{number}")

    first = grants.matrix(manager, ALL)
    last = grants.matrix(manager, CustomerSearch(page=9))

    assert (first.matching, first.pages, len(first.customers)) == (62, 2, 50)
    assert (last.page, len(last.customers)) == (1, 12)
    assert [row.name for row in first.customers][:3] == ["Ana", "Bia", "Cliente 00"]


@pytest.mark.parametrize(
    "text",
    [
        *("são joão", "SAO JOAO", "joao mercado", "Ltda."),
        *("20486319000186", "20.486.319/0001-86", "AB-12", "ab12"),
        *("carla@", "CARLA@nordeste.example"),
    ],
)
def test_a_customer_is_found_by_name_code_tax_id_or_email(
    world: World, manager: Actor, text: str
) -> None:
    add(world, "Mercado São João Ltda.", "AB-12", "20486319000186", "carla@nordeste.example")

    assert found(manager, text) == ["Mercado São João Ltda."]


@pytest.mark.parametrize("text", ["%", "_", "joão pedro", "999.999", "\\"])
def test_what_nobody_is_called_finds_nobody(world: World, manager: Actor, text: str) -> None:
    add(world, "Mercado São João Ltda.", "AB-12", "20486319000186")

    assert found(manager, text) == []


def test_punctuation_alone_asks_for_no_number(world: World, manager: Actor) -> None:
    assert found(manager, "-") == []
    assert found(manager, "  ") == ["Ana", "Bia"]


def test_folding_knows_accents_however_they_are_written() -> None:
    assert folded("JOA\u0303O") == "joao"
    assert compact(" 10.020.030/1-69 ") == "10020030169"


def test_a_group_filters_and_so_does_being_in_none(world: World, manager: Actor) -> None:
    firms = grants.add_group(manager, "Empresas")
    grants.move(manager, [world.customers["bia"]], firms)

    assert found(manager, "", firms) == ["Bia"]
    assert found(manager, "", NO_GROUP) == ["Ana"]
    assert found(manager, "ana", firms) == []


def test_inheriting_again_leaves_nothing_behind(world: World, manager: Actor) -> None:
    ana = world.customers["ana"]
    grants.set_grant(manager, of_customer(ana), Feature.ANALYSIS, False, shown=None)

    grants.set_grant(manager, of_customer(ana), Feature.ANALYSIS, None, shown=False)

    assert how(manager, ana, Feature.ANALYSIS) == PRODUCT
    with transaction(write=False) as session:
        assert session.scalars(select(FeatureGrantRow)).all() == []


def test_every_change_is_entered_with_what_was_before(world: World, manager: Actor) -> None:
    ana = world.customers["ana"]
    grants.set_grant(manager, of_customer(ana), Feature.ANALYSIS, False, shown=None)
    grants.set_grant(manager, COMPANY, Feature.ANALYSIS, True, shown=None)
    grants.set_grant(manager, COMPANY, Feature.ANALYSIS, True, shown=True)

    own, whole = entries()

    assert (own.subject, own.about, own.customer_id) == (manager.subject, f"customer:{ana}", ana)
    assert own.facts == {
        "feature": "analysis.see",
        "level": "customer",
        "before": "inherited",
        "after": "taken",
    }
    assert (whole.about, whole.facts["before"], whole.facts["after"]) == (
        *("company", "inherited"),
        "given",
    )
    assert audit.verify().first_wrong is None


def test_what_somebody_else_changed_meanwhile_is_not_undone(world: World, manager: Actor) -> None:
    ana = of_customer(world.customers["ana"])
    grants.set_grant(manager, ana, Feature.ANALYSIS, False, shown=None)

    with pytest.raises(GrantChangedMeanwhile):
        grants.set_grant(manager, ana, Feature.ANALYSIS, True, shown=None)

    assert how(manager, world.customers["ana"], Feature.ANALYSIS).allowed is False
    assert len(entries()) == 1


def test_of_many_at_the_same_moment_one_decides(world: World, manager: Actor) -> None:
    ana = of_customer(world.customers["ana"])

    answers = together(
        6, lambda n: grants.set_grant(manager, ana, Feature.ANALYSIS, n % 2 == 0, shown=None)
    )

    assert sorted(type(answer).__name__ for answer in answers) == (
        [GrantChangedMeanwhile.__name__] * 5 + ["NoneType"]
    )
    assert len(entries()) == 1
    assert audit.verify().first_wrong is None


def test_many_customers_change_at_once_with_an_entry_each(world: World, manager: Actor) -> None:
    ana, bia = world.customers["ana"], world.customers["bia"]
    grants.set_grant(manager, of_customer(ana), Feature.ANALYSIS, True, shown=None)

    changed = grants.set_many(manager, [bia, ana], Feature.ANALYSIS, False)
    again = grants.set_many(manager, [bia, ana], Feature.ANALYSIS, False)

    assert (changed, again) == (2, 0)
    assert not how(manager, ana, Feature.ANALYSIS).allowed
    assert not how(manager, bia, Feature.ANALYSIS).allowed
    befores = {entry.customer_id: entry.facts["before"] for entry in entries()[1:]}
    assert befores == {ana: "given", bia: "inherited"}
    assert audit.verify().first_wrong is None

    assert grants.set_many(manager, [ana, bia], Feature.ANALYSIS, None) == 2
    assert how(manager, ana, Feature.ANALYSIS) == PRODUCT


def test_all_of_a_search_is_all_its_pages(world: World, manager: Actor) -> None:
    for number in range(60):
        add(world, f"Loja {number}", f"c{number}")
    shops = grants.matching(manager, CustomerSearch("loja", page=1))

    assert grants.set_many(manager, shops, Feature.INVITE, False) == 60

    assert how(manager, world.customers["ana"], Feature.INVITE).allowed
    assert len(entries()) == 60


def test_more_than_two_thousand_are_refused_whole(
    world: World, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "MOST_AT_ONCE", 1)

    both = [world.customers["ana"], world.customers["bia"]]
    for change in (
        lambda: grants.matching(manager, ALL),
        lambda: grants.set_many(manager, both, Feature.INVITE, False),
        lambda: grants.move(manager, both, None),
    ):
        with pytest.raises(TooManyCustomers) as refused:
            change()
        assert refused.value.details == {"most": 1}

    assert entries() == []


def test_one_stranger_among_many_and_nobody_is_changed(world: World, manager: Actor) -> None:
    both = [world.customers["ana"], world.customers["rui"]]

    with pytest.raises(NotFound):
        grants.set_many(manager, both, Feature.INVITE, False)

    assert how(manager, world.customers["ana"], Feature.INVITE) == PRODUCT


def test_a_single_user_is_only_narrowed(world: World, manager: Actor) -> None:
    ana = Owner(Level.USER, user_of("ana"))

    with pytest.raises(InvalidField):
        grants.set_grant(manager, ana, Feature.ANALYSIS, True, shown=None)
    grants.set_grant(manager, ana, Feature.ANALYSIS, False, shown=None)

    (person,) = grants.people(manager, world.customers["ana"])
    assert (person.owner, person.code) == (ana, "ana@example.com")
    assert at(person, Feature.ANALYSIS) == Standing(False, Level.USER)
    assert how(manager, world.customers["ana"], Feature.ANALYSIS) == PRODUCT
    with pytest.raises(NotFound):
        grants.people(manager, world.customers["rui"])


def test_an_open_session_feels_a_change_at_its_next_event(world: World, manager: Actor) -> None:
    token = sign_in("ana")
    ana = of_customer(world.customers["ana"])

    def may() -> bool:
        asking = actors.actor_of(token)
        assert asking is not None
        return asking.may(Feature.ANALYSIS)

    assert may()
    grants.set_grant(manager, ana, Feature.ANALYSIS, False, shown=None)
    assert not may()
    grants.set_grant(manager, ana, Feature.ANALYSIS, None, shown=False)
    assert may()


def test_a_group_is_added_renamed_and_removed(world: World, manager: Actor) -> None:
    ana = world.customers["ana"]
    firms = grants.add_group(manager, "  Empresas  do norte ")
    grants.move(manager, [ana], firms)
    grants.set_grant(manager, Owner(Level.GROUP, firms), Feature.INVITE, False, shown=None)
    grants.rename_group(manager, firms, "Firmas")
    assert [row.name for row in grants.matrix(manager, ALL).groups] == ["Firmas"]

    grants.remove_group(manager, firms)

    assert grants.matrix(manager, ALL).groups == ()
    assert row_of(manager, ana).group is None
    assert how(manager, ana, Feature.INVITE) == PRODUCT
    done = [entry.facts for entry in entries("group.changed")]
    assert done == [
        {"done": "added"},
        {"before": "", "after": f"group:{firms}"},
        {"done": "renamed"},
        {"done": "removed", "customers": 1, "grants": {"account.invite": False}},
    ]


def test_a_group_needs_a_name_of_its_own(world: World, manager: Actor) -> None:
    firms = grants.add_group(manager, "Empresas")
    grants.rename_group(manager, firms, "Empresas")

    for name, refusal in (("Empresas", NameTaken), (" ", FieldMissing), ("x" * 61, FieldTooLong)):
        with pytest.raises(refusal):
            grants.add_group(manager, name)
    with pytest.raises(NotFound):
        grants.rename_group(manager, firms + 1, "Lojas")
    with pytest.raises(NotFound):
        grants.remove_group(manager, firms + 1)
    with pytest.raises(NotFound):
        grants.move(manager, [world.customers["ana"]], firms + 1)


def test_who_is_in_a_group_already_is_not_moved(world: World, manager: Actor) -> None:
    firms = grants.add_group(manager, "Empresas")
    grants.move(manager, [world.customers["ana"]], firms)

    everybody = grants.matching(manager, ALL)

    assert grants.move(manager, everybody, firms) == 1
    assert grants.move(manager, everybody, None) == 2
    assert found(manager, "", NO_GROUP) == ["Ana", "Bia"]


@pytest.mark.parametrize(
    "use",
    [
        lambda who: grants.matrix(who, ALL),
        lambda who: grants.people(who, 1),
        lambda who: grants.set_grant(who, COMPANY, Feature.EMAIL, False, shown=None),
        lambda who: grants.matching(who, ALL),
        lambda who: grants.set_many(who, [1], Feature.EMAIL, False),
        lambda who: grants.move(who, [1], None),
        lambda who: grants.add_group(who, "x"),
        lambda who: grants.rename_group(who, 1, "x"),
        lambda who: grants.remove_group(who, 1),
    ],
)
def test_only_who_manages_grants_sees_or_changes_them(
    world: World, use: Callable[[Actor], object]
) -> None:
    others = frozenset(StaffFeature) - {StaffFeature.MANAGE_GRANTS}

    for who in (actor("ana"), replace(actor("staff"), features=others)):
        with pytest.raises(NotGranted):
            use(who)

    assert entries() == entries("group.changed") == []
