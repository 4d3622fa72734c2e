"""A boleto from the choice of bank to its code: three banks, three ways a registration can go."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pypdfium2
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import (
    BankAccountRow,
    BoletoRow,
    CarteiraRow,
    CustomerRow,
    DocumentRow,
    PaymentItemRow,
    PaymentRow,
)
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.documents import OpenFilter
from portal_app.domain.errors import (
    BoletoHeldBack,
    InAttempt,
    NoActiveBank,
    NotFound,
    NotGranted,
    NothingSelected,
    NumberingExhausted,
    PayerIncomplete,
    QuoteChanged,
    SeparatePayments,
)
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentState
from portal_app.gateways import clock
from portal_app.services import boletos, documents, ledger, papers, payments, tasks
from portal_app.services.boletos import BankOffer, BoletoView
from tests.company import NOW, World, actor, run_jobs, together

ANSWERED = NOW + timedelta(seconds=21)
WAITED = NOW + timedelta(minutes=30)


def bank_offer(world: World, name: str) -> BankOffer:
    offer = boletos.offer(actor("ana"), world.three)
    return next(bank for bank in offer.banks if bank.carteira == world.banks[name])


def issue(world: World, name: str, replaces: str | None = None) -> str:
    bank = bank_offer(world, name)
    return boletos.issue(actor("ana"), world.three, bank.carteira, bank.total, replaces)


def view(issued: str) -> BoletoView:
    return boletos.view(actor("ana"), issued)


def words(paper: bytes) -> str:
    with pypdfium2.PdfDocument(BytesIO(paper)) as document:
        return document[0].get_textpage().get_text_range()


def test_the_offer_is_the_one_of_the_design(world: World) -> None:
    offer = boletos.offer(actor("ana"), world.three)

    assert offer.today.total == Money(34738, "BRL")
    assert [bank.bank for bank in offer.banks] == ["001", "756", "341", "756"]
    assert {(bank.due, bank.total.cents) for bank in offer.banks} == {(date(2026, 11, 25), 34764)}


def test_contracts_offer_the_banks_they_share(world: World) -> None:
    only_001 = world.add("FT", 50, 9, 1000, "ana_001")
    only_341 = world.add("FT", 51, 9, 1000, "ana_341")
    ana = actor("ana")

    shared = boletos.offer(ana, [*world.three, only_001]).banks

    assert [bank.bank for bank in shared] == ["001"]
    with pytest.raises(SeparatePayments) as refused:
        boletos.offer(ana, [only_001, only_341])
    assert refused.value.details["groups"] == [["FT 2026/50"], ["FT 2026/51"]]


def test_without_an_active_bank_staff_get_one_task(world: World) -> None:
    with transaction() as session:
        session.execute(update(CarteiraRow).values(active=False))

    for _ in range(2):
        with pytest.raises(NoActiveBank):
            boletos.offer(actor("ana"), world.three)

    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.subject) == ("no_active_bank", f"customer:{world.customers['ana']}")


def test_a_payer_without_address_or_with_a_bad_tax_id_has_no_boleto(world: World) -> None:
    with transaction() as session:
        session.execute(update(CustomerRow).values(street="", tax_id_valid=False))

    with pytest.raises(PayerIncomplete) as refused:
        boletos.offer(actor("ana"), world.three)

    assert refused.value.details["fields"] == ["tax_id", "street"]


def test_nothing_is_issued_over_nothing(world: World) -> None:
    with pytest.raises(NothingSelected):
        boletos.issue(actor("ana"), [], world.banks["001"], Money.zero("BRL"))


def test_a_bank_that_was_not_offered_is_not_found(world: World) -> None:
    only_001 = world.add("FT", 50, 9, 1000, "ana_001")
    total = boletos.offer(actor("ana"), [only_001]).banks[0].total

    for carteira in (world.banks["341"], 999_999):
        with pytest.raises(NotFound):
            boletos.issue(actor("ana"), [only_001], carteira, total)


def test_who_may_not_choose_gets_the_first_bank(world: World) -> None:
    ana = actor("ana")
    bound = replace(ana, features=ana.features - {Feature.CHOOSE_BANK})

    assert [bank.bank for bank in boletos.offer(bound, world.three).banks] == ["001"]
    with pytest.raises(NotFound):
        boletos.issue(bound, world.three, world.banks["341"], bank_offer(world, "341").total)


def test_whoever_may_not_pay_by_boleto_makes_none(world: World) -> None:
    ana = actor("ana")
    closed = replace(ana, features=ana.features - {Feature.PAY_BOLETO})

    with pytest.raises(NotGranted):
        boletos.offer(closed, world.three)
    with pytest.raises(NotGranted):
        boletos.issue(closed, world.three, world.banks["001"], Money(34764, "BRL"))


def test_a_bank_that_confirms_opens_code_and_paper(world: World) -> None:
    issued = issue(world, "001")
    run_jobs()
    waiting = view(issued)
    with pytest.raises(BoletoHeldBack):
        papers.boleto_pdf(actor("ana"), issued)

    with clock.fixed_at(ANSWERED):
        run_jobs()
        registered = view(issued)
        name, paper = papers.boleto_pdf(actor("ana"), issued)

    assert (waiting.stage, waiting.linha_digitavel, waiting.may_print) == (
        Stage.WAITING,
        None,
        False,
    )
    assert registered.stage is Stage.REGISTERED
    assert registered.linha_digitavel is not None
    assert registered.amount == Money(34764, "BRL")
    assert registered.linha_digitavel.endswith("34764")
    assert name == "boleto-001-28831470000000001.pdf"
    text = words(paper)
    for fact in ("FT 2026/1841", "ND 2026/77", "R$ 347,64", "12.345.678/0001-95", "Norte"):
        assert fact in text.replace("\u00a0", " ")


def test_the_paper_says_what_the_bank_charges_late(world: World) -> None:
    issued = issue(world, "001")
    with clock.fixed_at(ANSWERED):
        run_jobs()
        text = words(papers.boleto_pdf(actor("ana"), issued)[1]).replace("\u00a0", " ")

    # Fined already: the two overdue ones. Interest: on the principal, never on charges.
    assert "multa de R$ 1,60 (2 % sobre R$ 80,00)" in text
    assert "juros de 1 % ao mês por dia de atraso, sobre R$ 339,80" in text
    assert "já inclui multa de R$ 5,20 e juros de R$ 2,64 até 25/11/2026" in text


def test_whoever_may_not_print_still_reads_the_code(world: World) -> None:
    issued = issue(world, "001")
    ana = actor("ana")
    unprinted = replace(ana, features=ana.features - {Feature.PRINT})

    with clock.fixed_at(ANSWERED):
        run_jobs()
        seen = boletos.view(unprinted, issued)
        with pytest.raises(NotGranted):
            papers.boleto_pdf(unprinted, issued)

    assert (seen.may_print, seen.linha_digitavel is not None) == (False, True)


def test_a_bank_that_rejects_frees_the_documents_and_another_is_linked(world: World) -> None:
    first = issue(world, "341")
    run_jobs()

    with clock.fixed_at(ANSWERED):
        run_jobs()
        rejected = view(first)
        payable = documents.payable_ids(actor("ana"), OpenFilter(), None)
        second = issue(world, "001", replaces=first)
        linked = payments.view(actor("ana"), second)

    assert (rejected.stage, rejected.linha_digitavel) == (Stage.REJECTED, None)
    assert rejected.reject_reason == "payer_address_incomplete"
    assert rejected.payment.state is PaymentState.FAILED
    assert rejected.payment.failure == "payer_address_incomplete"
    assert payable[:3] == world.three
    assert second != first
    assert linked.replaces == first
    assert payments.view(actor("ana"), first).replaced_by == second


def test_only_one_s_own_attempt_can_be_replaced(world: World) -> None:
    bia = actor("bia")
    (bank, *_) = boletos.offer(bia, [world.documents["of_bia"]]).banks
    of_bia = boletos.issue(bia, [world.documents["of_bia"]], bank.carteira, bank.total)

    with pytest.raises(NotFound):
        issue(world, "001", replaces=of_bia)


def test_a_carteira_that_expects_no_confirmation_is_payable_when_its_wait_is_over(
    world: World,
) -> None:
    issued = issue(world, "756")

    with clock.fixed_at(WAITED - timedelta(seconds=1)):
        run_jobs()
        held = view(issued)
    with clock.fixed_at(WAITED):
        before_the_job = view(issued)
        run_jobs()
        payable = view(issued)

    assert (held.stage, held.linha_digitavel) == (Stage.WAITING, None)
    assert held.available_at == WAITED
    assert before_the_job.stage is payable.stage is Stage.REGISTERED
    assert payable.linha_digitavel is not None
    assert tasks.list_open(actor("staff")) == ()


def test_a_confirming_bank_that_stays_silent_gives_a_task_and_never_a_code(world: World) -> None:
    issued = issue(world, "silent")

    for hours in (1, 24, 24 * 6):
        with clock.fixed_at(NOW + timedelta(hours=hours)):
            run_jobs()
            silent = view(issued)
            assert (silent.stage, silent.linha_digitavel) == (Stage.OVERDUE_SILENT, None)
            with pytest.raises(BoletoHeldBack):
                papers.boleto_pdf(actor("ana"), issued)

    (task,) = tasks.list_open(actor("staff"))
    assert task.kind == "boleto_silent"
    assert task.details["bank"] == "756"


def test_a_late_confirmation_closes_the_task(world: World) -> None:
    issued = issue(world, "silent")
    with clock.fixed_at(WAITED):
        run_jobs()
    with transaction() as session:
        # The bank that answers after all: the demo's 001.
        session.execute(
            update(BankAccountRow).where(col(BankAccountRow.conta) == "90126").values(bank="001")
        )

    with clock.fixed_at(WAITED + timedelta(minutes=6)):
        run_jobs()
        assert view(issued).stage is Stage.REGISTERED

    assert tasks.list_open(actor("staff")) == ()


def test_a_price_that_moved_is_shown_again_and_nothing_is_made(world: World) -> None:
    shown = bank_offer(world, "001").total
    tomorrow = NOW + timedelta(days=4)

    with clock.fixed_at(tomorrow), pytest.raises(QuoteChanged) as refused:
        boletos.issue(actor("ana"), world.three, world.banks["001"], shown)

    now = refused.value.details["now"]
    assert isinstance(now, Money)
    assert (refused.value.details["shown"], now > shown) == (shown, True)
    with clock.fixed_at(tomorrow):
        assert boletos.issue(actor("ana"), world.three, world.banks["001"], now)
    with transaction(write=False) as session:
        (account,) = session.scalars(
            select(BankAccountRow).where(col(BankAccountRow.bank) == "001")
        )
    assert account.next_sequence == 2


def test_a_double_click_is_shown_the_first_attempt(world: World) -> None:
    first = issue(world, "001")

    again = boletos.issue(actor("ana"), world.three, world.banks["756"], Money(1, "BRL"))

    assert again == first


def test_a_document_in_another_attempt_names_that_attempt(world: World) -> None:
    first = issue(world, "001")

    with pytest.raises(InAttempt) as refused:
        boletos.issue(
            actor("ana"),
            [world.three[0], world.documents["later"]],
            world.banks["001"],
            Money(1, "BRL"),
        )

    assert refused.value.details["payment"] == first


def test_eight_clicks_at_once_make_one_attempt(world: World) -> None:
    ana, bank = actor("ana"), bank_offer(world, "001")

    answers = together(8, lambda _: boletos.issue(ana, world.three, bank.carteira, bank.total))

    assert len(set(map(str, answers))) == 1
    assert isinstance(answers[0], str)
    with transaction(write=False) as session:
        live = list(session.scalars(select(PaymentItemRow).where(col(PaymentItemRow.live))))
        made = list(session.scalars(select(PaymentRow)))
    assert (len(live), len(made)) == (3, 1)


def test_overlapping_selections_at_once_leave_one_live_attempt_per_document(
    world: World,
) -> None:
    ana = actor("ana")
    later = world.documents["later"]
    choices = [[*world.three], [later, *world.three], [later], [world.three[1], later]] * 2
    prices = [boletos.offer(ana, choice).banks[number % 3] for number, choice in enumerate(choices)]

    answers = together(
        8,
        lambda number: boletos.issue(
            ana, choices[number], prices[number].carteira, prices[number].total
        ),
    )

    assert {type(answer) for answer in answers} <= {str, InAttempt}
    with transaction(write=False) as session:
        live = list(
            session.scalars(select(col(PaymentItemRow.document_id)).where(col(PaymentItemRow.live)))
        )
    assert len(live) == len(set(live)) > 0


def test_numbers_are_unique_and_without_gaps_whoever_comes_at_once(world: World) -> None:
    ids = [world.add("FC", number + 1, 30, 1000) for number in range(8)]
    ana, carteira, total = actor("ana"), world.banks["001"], Money(1000, "BRL")
    too_much = Money(1, "BRL")

    def one(number: int) -> str:
        if number % 2:
            with pytest.raises(QuoteChanged):
                boletos.issue(ana, [ids[number]], carteira, too_much)
        return boletos.issue(ana, [ids[number]], carteira, total)

    answers = together(8, one)

    assert {type(answer) for answer in answers} == {str}
    with transaction(write=False) as session:
        rows = list(session.scalars(select(BoletoRow).order_by(col(BoletoRow.sequence))))
    assert [row.sequence for row in rows] == list(range(1, 9))
    assert len({row.nosso_numero for row in rows}) == 8


def test_a_convenio_without_numbers_left_opens_a_task(world: World) -> None:
    with transaction() as session:
        session.execute(
            update(BankAccountRow)
            .where(col(BankAccountRow.bank) == "341")
            .values(next_sequence=10**8)
        )

    with pytest.raises(NumberingExhausted):
        issue(world, "341")

    (task,) = tasks.list_open(actor("staff"))
    assert task.kind == "numbering_exhausted"
    assert documents.payable_ids(actor("ana"), OpenFilter(), None)[:3] == world.three


def test_jobs_repeated_by_the_worker_change_nothing(world: World) -> None:
    issued = issue(world, "001")
    with clock.fixed_at(ANSWERED):
        run_jobs()
        first = view(issued)
    with clock.fixed_at(NOW + timedelta(days=1)):
        run_jobs()

    assert view(issued).linha_digitavel == first.linha_digitavel
    assert tasks.list_open(actor("staff")) == ()


def test_issuing_moves_no_balance(world: World) -> None:
    issue(world, "001")

    with transaction(write=False) as session:
        balances = [
            row.balance_cents
            for row in session.scalars(select(DocumentRow).order_by(col(DocumentRow.id)))
        ]
    assert balances[:3] == [12990, 12990, 8000]
    assert ledger.verify().ok
