"""Prices, methods, and giving an attempt up."""

import inspect
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal_app.db import loading
from portal_app.db import payments as stored
from portal_app.db.engine import transaction
from portal_app.db.loading import PastPayment
from portal_app.db.models import JobRow
from portal_app.domain.allocation import Charged
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.documents import OpenFilter, Period
from portal_app.domain.errors import AlreadyPaid, MethodUnavailable, NotFound, NotPayable
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.gateways import clock
from portal_app.services import boletos, documents, history, papers, payments
from tests.company import NOW, TODAY, World, actor, run_jobs, together


def issue(world: World, name: str = "001") -> str:
    ana = actor("ana")
    offer = boletos.offer(ana, world.three)
    bank = next(bank for bank in offer.banks if bank.carteira == world.banks[name])
    return boletos.issue(ana, world.three, bank.carteira, bank.total)


def test_the_quote_is_the_one_of_the_design(world: World) -> None:
    quote = payments.quote(actor("ana"), world.three)

    cents = (quote.principal.cents, quote.fine.cents, quote.interest.cents, quote.total.cents)
    assert cents == (33980, 520, 238, 34738)


def test_a_quote_has_no_place_for_an_amount() -> None:
    assert list(inspect.signature(payments.quote).parameters) == ["actor", "document_ids"]


def test_nothing_ticked_costs_nothing(world: World) -> None:
    assert payments.quote(actor("ana"), []).items == ()


def test_what_cannot_be_paid_cannot_be_priced(world: World) -> None:
    with pytest.raises(NotPayable):
        payments.quote(actor("ana"), [world.documents["credit_note"]])


@pytest.mark.parametrize("name", ["of_bia", "of_rui"])
def test_somebody_else_s_document_has_no_price(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        payments.quote(actor("ana"), [*world.three, world.documents[name]])
    with pytest.raises(NotFound):
        payments.quote(actor("ana"), [999_999])


def test_a_boleto_needs_a_company_in_reais(world: World) -> None:
    ana, rui = payments.methods(actor("ana")), payments.methods(actor("rui"))
    assert ana == (PaymentMethod.PIX, PaymentMethod.CARD, PaymentMethod.BOLETO)
    assert rui == (PaymentMethod.MB_WAY, PaymentMethod.MULTIBANCO, PaymentMethod.CARD)
    with pytest.raises(MethodUnavailable):
        boletos.offer(actor("rui"), [world.documents["of_rui"]])


def test_somebody_else_s_payment_is_not_found(world: World) -> None:
    issued = issue(world)

    for stranger in (actor("bia"), actor("rui")):
        for service in (payments.view, payments.supersede, boletos.view, papers.boleto_pdf):
            with pytest.raises(NotFound):
                service(stranger, issued)
    assert payments.view(actor("ana"), issued).state is PaymentState.PENDING
    with pytest.raises(NotFound):
        payments.view(actor("ana"), "made-up")


def test_choosing_another_way_frees_the_documents_and_asks_the_bank_to_cancel(
    world: World,
) -> None:
    issued = issue(world)
    run_jobs()

    freed = payments.supersede(actor("ana"), issued)

    ana = actor("ana")
    assert sorted(freed) == sorted(world.three)
    assert documents.payable_ids(ana, OpenFilter(), None)[:3] == world.three
    assert payments.view(ana, issued).state is PaymentState.SUPERSEDED
    assert boletos.view(ana, issued).stage is Stage.CLOSED
    run_jobs()
    with clock.fixed_at(NOW + timedelta(minutes=31)):
        assert run_jobs() > 0
        given_up = boletos.view(ana, issued)
    assert (given_up.stage, given_up.linha_digitavel) == (Stage.CLOSED, None)


def test_an_attempt_given_up_before_its_bank_heard_of_it_stays_given_up(world: World) -> None:
    issued = issue(world, "756")

    payments.supersede(actor("ana"), issued)

    run_jobs()
    with clock.fixed_at(NOW + timedelta(minutes=31)):
        run_jobs()
        assert boletos.view(actor("ana"), issued).stage is Stage.CLOSED


def test_an_attempt_is_given_up_once(world: World) -> None:
    issued = issue(world)
    freed = payments.supersede(actor("ana"), issued)

    assert payments.supersede(actor("ana"), issued) == freed
    with transaction(write=False) as session:
        kinds = list(session.scalars(select(col(JobRow.kind))))
    assert kinds.count("boleto.cancel") == 1


def test_given_up_in_many_tabs_at_once_it_is_given_up_once(world: World) -> None:
    ana, issued = actor("ana"), issue(world)

    answers = together(8, lambda _: payments.supersede(ana, issued))

    assert answers == [tuple(world.three)] * 8
    with transaction(write=False) as session:
        kinds = list(session.scalars(select(col(JobRow.kind))))
    assert kinds.count("boleto.cancel") == 1


def test_what_was_paid_while_it_was_looked_at_is_not_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, issued = actor("ana"), issue(world)
    seen = payments.view(ana, issued)
    with transaction() as session:
        stored.confirm(session, world.company, seen, TODAY, seen.amount)
    monkeypatch.setattr(payments, "view", lambda *_: seen)

    with pytest.raises(AlreadyPaid):
        payments.supersede(ana, issued)


def test_money_that_came_another_way_cannot_be_given_up(world: World) -> None:
    document, amount = world.documents["soon"], Money(8000, "BRL")
    none = Money.zero("BRL")
    owed = Charged(document, TODAY, amount, none, none)
    past = PastPayment(world.customers["ana"], PaymentMethod.TRANSFER, TODAY, amount, (owed,))
    with transaction() as session:
        loading.add_payment(session, world.company, past, NOW)
    ana = actor("ana")
    paid = documents.header(ana).last_payment

    (payment,) = history.list_payments(ana, Period(), 0).payments
    with pytest.raises(MethodUnavailable):
        payments.supersede(ana, payment.public_id)
    assert paid == (TODAY, amount)
