"""Balances move only through entries that sum to zero."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from portal_app.db import ledger
from portal_app.db.engine import transaction
from portal_app.db.models import DocumentRow, JournalEntryRow
from portal_app.domain.allocation import Allocation
from portal_app.domain.errors import UnbalancedEntry
from portal_app.domain.ledger import Entry, issue, payment
from portal_app.domain.money import Money
from tests.company import NOW, TODAY, World, together

NONE = Money.zero("BRL")


def post(world: World, entry: Entry) -> int:
    with transaction() as session:
        return ledger.post(session, world.company, entry, NOW)


def balance(world: World, name: str) -> int:
    with transaction(write=False) as session:
        return session.scalars(
            select(col(DocumentRow.balance_cents)).where(
                col(DocumentRow.id) == world.documents[name]
            )
        ).one()


def paid(world: World, name: str, cents: int, source: int = 1) -> Entry:
    share = Allocation(world.documents[name], Money(cents, "BRL"), Money(260, "BRL"), NONE)
    return payment(source, world.customers["ana"], [share], NONE, TODAY)


def test_a_payment_lowers_the_balance_by_its_principal(world: World) -> None:
    post(world, paid(world, "overdue_43", 5000))

    assert balance(world, "overdue_43") == 7990
    with transaction(write=False) as session:
        assert ledger.first_wrong(session, world.company) is None


def test_a_credit_note_has_the_credit_as_its_balance(world: World) -> None:
    assert balance(world, "credit_note") == 1500


def test_an_unbalanced_entry_is_refused_and_nothing_moves(world: World) -> None:
    whole = paid(world, "overdue_43", 5000)

    with pytest.raises(UnbalancedEntry):
        post(world, replace(whole, lines=whole.lines[:1]))
    with pytest.raises(UnbalancedEntry):
        post(world, replace(whole, lines=()))

    assert balance(world, "overdue_43") == 12990


def test_the_same_event_is_posted_once(world: World) -> None:
    post(world, paid(world, "overdue_43", 5000))

    with pytest.raises(IntegrityError):
        post(world, paid(world, "overdue_43", 5000))

    assert balance(world, "overdue_43") == 7990


def test_a_balance_never_leaves_zero_to_total(world: World) -> None:
    document, customer = world.documents["soon"], world.customers["ana"]
    again = issue(document, customer, Money(1, "BRL"), TODAY, credit=False)

    with pytest.raises(IntegrityError):
        post(world, paid(world, "soon", 8001))
    with pytest.raises(IntegrityError):
        post(world, replace(again, source=("document", 999)))

    assert balance(world, "soon") == 8000


def test_another_company_s_document_does_not_move(world: World) -> None:
    post(world, paid(world, "of_rui", 5000))

    assert balance(world, "of_rui") == 6430


def test_payments_at_the_same_moment_all_count(world: World) -> None:
    answers = together(8, lambda number: post(world, paid(world, "soon", 1000, number + 1)))

    assert not any(isinstance(answer, Exception) for answer in answers)
    assert balance(world, "soon") == 0
    with transaction(write=False) as session:
        assert ledger.first_wrong(session, world.company) is None


def test_a_wrong_row_of_another_company_is_not_ours(world: World) -> None:
    with transaction() as session:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.id) == world.documents["of_rui"])
            .values(balance_cents=1)
        )

    with transaction(write=False) as session:
        assert ledger.first_wrong(session, world.company) is None
        assert ledger.first_wrong(session, world.other_company) is not None
        entries = len(list(session.scalars(select(JournalEntryRow))))
        ours = ledger.count(session, world.company)
        others = ledger.count(session, world.other_company)
    assert ours[1] + others[1] == entries
