"""Titles at banks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import BoletoRow
from portal_app.domain.boleto.issued import Boleto, NewBoleto
from portal_app.domain.boleto.order import Order
from portal_app.domain.boleto.registration import RANK, BoletoState, ensure_move
from portal_app.domain.errors import NotFound
from portal_app.domain.money import Money

# A number of more digits is no id of ours, and more than a database takes.
_LONGEST_ID = 18


def add(session: Session, company: int, new: NewBoleto) -> None:
    session.add(
        BoletoRow(
            company_id=company,
            payment_id=new.payment,
            customer_id=new.customer,
            carteira_id=new.carteira,
            bank_account_id=new.account,
            bank=new.bank,
            sequence=new.sequence,
            seu_numero=new.seu_numero,
            nosso_numero=new.nosso_numero,
            stated_number=new.stated_number,
            barcode=new.barcode,
            linha_digitavel=new.linha_digitavel,
            currency=new.amount.currency,
            amount_cents=new.amount.cents,
            due_date=new.due,
            state=BoletoState.CREATED.value,
            state_rank=RANK[BoletoState.CREATED],
            confirms=new.confirms,
            requested_at=new.requested_at,
            available_at=new.available_at,
            sheet=new.sheet,
            order=new.order,
        )
    )
    session.flush()


def of_payment(session: Session, company: int, payment: int) -> Boleto:
    """The title of a payment; NotFound if it has none."""
    found = _find(session, company, col(BoletoRow.payment_id) == payment)
    if found is None:
        raise NotFound(kind="boleto")
    return found


def by_ids(session: Session, company: int, ids: Sequence[int]) -> list[Boleto]:
    """In the order of the ids."""
    rows = session.scalars(
        select(BoletoRow).where(col(BoletoRow.company_id) == company, col(BoletoRow.id).in_(ids))
    )
    found = {row.id: _boleto(row) for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def carteiras_of(session: Session, company: int, ids: Sequence[int]) -> dict[int, int]:
    """By which carteira each of the boletos is collected."""
    query = select(col(BoletoRow.id), col(BoletoRow.carteira_id)).where(
        col(BoletoRow.company_id) == company, col(BoletoRow.id).in_(ids)
    )
    return {row.id: row.carteira_id for row in session.execute(query)}


def by_sequence(session: Session, company: int, account: int, sequence: int) -> Boleto | None:
    """The account's title with this number of ours, locked until the transaction ends."""
    same = col(BoletoRow.sequence) == sequence
    return _find(session, company, col(BoletoRow.bank_account_id) == account, same, lock=True)


def by_bank_ref(session: Session, company: int, account: int, bank_ref: str) -> Boleto | None:
    """The account's title with this reference of the bank's, locked."""
    same = col(BoletoRow.bank_ref) == bank_ref
    # The index of references holds only these.
    given = col(BoletoRow.bank_ref) != ""
    return _find(
        session, company, col(BoletoRow.bank_account_id) == account, same, given, lock=True
    )


def by_stated_number(session: Session, company: int, account: int, stated: str) -> Boleto | None:
    """The account's title whose number of ours a retorno states so, without leading zeros; locked."""
    same = col(BoletoRow.stated_number) == stated
    # The index of stated numbers holds only these.
    given = col(BoletoRow.stated_number) != ""
    return _find(
        session, company, col(BoletoRow.bank_account_id) == account, same, given, lock=True
    )


def by_number(session: Session, company: int, account: int, nosso_numero: str) -> Boleto | None:
    """The account's title with this nosso número as printed, locked."""
    same = col(BoletoRow.nosso_numero) == nosso_numero
    given = col(BoletoRow.nosso_numero) != ""
    return _find(
        session, company, col(BoletoRow.bank_account_id) == account, same, given, lock=True
    )


def by_seu_numero(session: Session, company: int, account: int, seu_numero: str) -> Boleto | None:
    """The account's title that we told the bank under this name, locked.

    It is the payment's number, which an index finds.
    """
    if not (seu_numero.isascii() and seu_numero.isdecimal() and len(seu_numero) <= _LONGEST_ID):
        return None
    same = col(BoletoRow.payment_id) == int(seu_numero)
    return _find(
        session,
        company,
        col(BoletoRow.bank_account_id) == account,
        same,
        col(BoletoRow.seu_numero) == seu_numero,
        lock=True,
    )


def move(
    session: Session,
    company: int,
    boleto: Boleto,
    state: BoletoState,
    *,
    reason: str = "",
    bank_ref: str = "",
) -> None:
    """Set the state by the rule of ranks; IllegalMove if it may not follow the present one.

    `bank_ref` is kept where the bank gave one.
    """
    row = _locked(session, company, boleto)
    ensure_move(BoletoState(row.state), state)
    row.state = state.value
    row.state_rank = RANK[state]
    row.reject_reason = reason
    row.bank_ref = bank_ref or row.bank_ref
    session.flush()


def locked_state(session: Session, company: int, boleto: Boleto) -> BoletoState:
    """The state as it is now, until the transaction ends."""
    return BoletoState(_locked(session, company, boleto).state)


def set_sent(session: Session, company: int, ids: Sequence[int], available_at: datetime) -> None:
    """Those of the boletos that were queued have gone out to their bank.

    Of a bank that never answers the wait is counted from now.
    """
    session.execute(
        update(BoletoRow)
        .where(
            col(BoletoRow.company_id) == company,
            col(BoletoRow.id).in_(ids),
            col(BoletoRow.state) == BoletoState.QUEUED.value,
            col(BoletoRow.confirms).is_(False),
            col(BoletoRow.available_at) < available_at,
        )
        .values(available_at=available_at)
    )
    session.execute(
        update(BoletoRow)
        .where(
            col(BoletoRow.company_id) == company,
            col(BoletoRow.id).in_(ids),
            col(BoletoRow.state) == BoletoState.QUEUED.value,
        )
        .values(state=BoletoState.SENT.value, state_rank=RANK[BoletoState.SENT])
    )


def amend(session: Session, company: int, boleto: Boleto, due: date) -> None:
    """The bank confirmed a later due date."""
    row = _locked(session, company, boleto)
    row.amended_due, row.asked_due = due, None
    session.flush()


def ask_due(session: Session, company: int, boleto: Boleto, due: date | None) -> None:
    """The bank is asked for a later due date; None: it has refused."""
    _locked(session, company, boleto).asked_due = due
    session.flush()


def number(
    session: Session,
    company: int,
    boleto: Boleto,
    nosso_numero: str,
    code: tuple[str, str],
    sheet: dict[str, Any],
) -> None:
    """What the bank numbered itself: its number, barcode and line, and the paper with them."""
    row = _locked(session, company, boleto)
    row.nosso_numero = nosso_numero
    row.barcode, row.linha_digitavel = code
    row.sheet = sheet
    session.flush()


def set_registered(session: Session, company: int, boleto: Boleto, pix: str, now: datetime) -> None:
    """When the bank confirmed it, with its Pix code if it made one."""
    row = _locked(session, company, boleto)
    row.registered_at = now
    row.pix = pix or row.pix
    session.flush()


def _find(
    session: Session, company: int, *where: ColumnElement[bool], lock: bool = False
) -> Boleto | None:
    query = select(BoletoRow).where(col(BoletoRow.company_id) == company, *where)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    return _boleto(row) if row else None


def _locked(session: Session, company: int, boleto: Boleto) -> BoletoRow:
    return session.scalars(
        select(BoletoRow)
        .where(col(BoletoRow.company_id) == company, col(BoletoRow.id) == boleto.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _boleto(row: BoletoRow) -> Boleto:
    return Boleto(
        id=row.id,
        payment=row.payment_id,
        customer=row.customer_id,
        carteira=row.carteira_id,
        account=row.bank_account_id,
        bank=row.bank,
        nosso_numero=row.nosso_numero,
        seu_numero=row.seu_numero,
        bank_ref=row.bank_ref,
        barcode=row.barcode,
        linha_digitavel=row.linha_digitavel,
        pix=row.pix,
        amount=Money(row.amount_cents, row.currency),
        due=row.due_date,
        amended_due=row.amended_due,
        asked_due=row.asked_due,
        state=BoletoState(row.state),
        confirms=row.confirms,
        requested_at=row.requested_at,
        available_at=row.available_at,
        reject_reason=row.reject_reason,
        sheet=row.sheet,
        order=Order.from_facts(row.order) if row.order else None,
    )
